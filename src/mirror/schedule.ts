/** What the last update came to, as far as the next one's time depends on it. */
export type LastResult = 'none' | 'done' | 'failed' | 'index-missing';

export interface ScheduleInput {
  readonly last: LastResult;
  /** Whether there is a generation to serve. */
  readonly serving: boolean;
  /** `mirror.every`, in ms. */
  readonly every: number;
  /** In [0, 1). */
  readonly random: number;
}

const MINUTE = 60_000;

/**
 * Milliseconds until the next update. Pure.
 * - At start with nothing to serve: at once. With a generation: within half a minute, for all branches may have had the
 *   same power cut.
 * - The index was away: 5 to 6 minutes, for the vendor deletes it for up to 5 before a release (docs/protocol.md).
 * - Else `every`, give or take a tenth, so that forty branches do not ask at the same second.
 */
export function nextUpdateIn({ last, serving, every, random }: ScheduleInput): number {
  if (last === 'none') return serving ? random * 0.5 * MINUTE : 0;
  const regular = every * (0.9 + 0.2 * random);
  return last === 'index-missing' ? Math.min(regular, (5 + random) * MINUTE) : regular;
}
