import type { UpstreamLimits } from './limits.ts';

/** Why a body is given up, in words for RLY_UPSTREAM_TOO_SLOW. */
export interface TooSlow {
  readonly found: string;
  readonly expected: string;
}

/**
 * Judges how fast a source brings a body. Only the time spent waiting for the source counts: a slow disk, or a WAN
 * budget, on this side of the sink is not its fault. Times are ms on a monotonic clock.
 */
export interface Pace {
  /** From now on the relay waits for the source. */
  waiting(now: number): void;
  /** Something came; the relay is busy with it until the next `waiting`. */
  got(bytes: number, now: number): void;
  /** What is wrong by now, or null. */
  verdict(now: number): TooSlow | null;
  /** In how many ms a verdict can fall at the earliest. */
  patience(now: number): number;
}

type PaceLimits = Pick<UpstreamLimits, 'grace' | 'deadlineBytesPerSecond' | 'minimumBytesPerSecond' | 'rateWindow'>;

/**
 * A pace for a body of `size` bytes: the whole within `grace` + size / `deadlineBytesPerSecond`, and at least
 * `minimumBytesPerSecond` over each `rateWindow` (SECURITY.md, "upstream"). undici's own bodyTimeout sees gaps
 * only, never a drip.
 */
export function createPace(size: number, limits: PaceLimits): Pace {
  const deadline = limits.grace + (size / limits.deadlineBytesPerSecond) * 1000;
  const windowBytes = limits.minimumBytesPerSecond * (limits.rateWindow / 1000);
  let waited = 0;
  let since: number | null = null;
  let bytes = 0;
  let windowStart = 0;
  let windowBytesBefore = 0;

  const waitedBy = (now: number): number => waited + (since === null ? 0 : now - since);

  return {
    waiting(now) {
      since ??= now;
    },
    got(count, now) {
      waited = waitedBy(now);
      since = null;
      bytes += count;
    },
    verdict(now) {
      const time = waitedBy(now);
      if (time >= deadline) {
        return { found: `${bytes} of ${size} bytes in ${seconds(time)}`, expected: `all in ${seconds(deadline)}` };
      }
      if (time - windowStart < limits.rateWindow) return null;
      const came = bytes - windowBytesBefore;
      const span = time - windowStart;
      windowStart = time;
      windowBytesBefore = bytes;
      if (came >= windowBytes) return null;
      return { found: `${came} bytes in ${seconds(span)}`, expected: `${limits.minimumBytesPerSecond} bytes/s` };
    },
    patience(now) {
      const left = Math.min(deadline, windowStart + limits.rateWindow) - waitedBy(now);
      // While the sink holds things up no time passes here; looking 60 times a window is often enough then.
      return Math.max(left, limits.rateWindow / 60);
    },
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
