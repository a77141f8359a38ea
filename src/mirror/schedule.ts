/**
 * What the last update came to, as far as the next one's time depends on it. `busy`: each source answered that it wants to be
 * asked later.
 */
export type LastResult = 'none' | 'done' | 'failed' | 'index-missing' | 'busy';

export interface ScheduleInput {
  readonly last: LastResult;
  /** Whether there is a generation to serve. */
  readonly serving: boolean;
  /** `mirror.every`, in ms. */
  readonly every: number;
  /** In ms: before, no source is worth asking, or wants to be asked. 0: one is now. */
  readonly rest: number;
  /** In [0, 1). */
  readonly random: number;
}

const MINUTE = 60_000;

/**
 * Milliseconds until the next update. Pure.
 * - At start with nothing to serve: at once. With a generation: within half a minute, for all branches may have had the
 *   same power cut.
 * - The index was away: 5 to 6 minutes, for the vendor deletes it for up to 5 before a release (docs/protocol.md).
 * - Each source has said when to come back (Retry-After): then, be that soon or late.
 * - Else `every`, give or take a tenth, so that forty branches do not ask at the same second.
 *
 * Never before the rest of one source is over, also after a restart. That is all the back-off there is: the interval does not
 * grow with failures, for one conditional request in `every` is no burden to a source, and to a branch whose source comes back
 * each minute counts. Where `every` is shorter than the longest bench, the benches slow the schedule down.
 */
export function nextUpdateIn({ last, serving, every, rest, random }: ScheduleInput): number {
  const due = dueIn(last, serving, every, random);
  // A date in Retry-After is the same for all relays: they do not come back together either.
  return rest > 0 ? Math.max(due, rest + 0.1 * random * Math.min(rest, every)) : due;
}

function dueIn(last: LastResult, serving: boolean, every: number, random: number): number {
  if (last === 'busy') return 0;
  if (last === 'none') return serving ? random * 0.5 * MINUTE : 0;
  const regular = every * (0.9 + 0.2 * random);
  return last === 'index-missing' ? Math.min(regular, (5 + random) * MINUTE) : regular;
}
