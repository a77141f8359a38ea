/** How a connection stands: bytes handed to it, how many of them it has not taken yet, and when, in ms on a monotonic clock. */
export interface Sample {
  readonly written: number;
  readonly pending: number;
  readonly at: number;
}

/** Bytes per second a reader takes at the least, over `WINDOW` ms (SECURITY.md, "Defaults"). */
const SLOWEST = 4 * 1024;
const WINDOW = 60_000;

/**
 * What is remembered of a reader: the sample its present window began with. Undefined: it has taken all it was given, so
 * nobody waits for it.
 */
export type Pace = Sample | undefined;

/**
 * Goes on from `since` with a new sample; `too slow` for a reader that keeps answers waiting. What is pending was written
 * in pieces of which it is only known when they are gone whole, so a piece under way counts as taken: no reader is cut for
 * our way of counting, and one that takes nothing is after the piece's own time at this pace. Pure.
 */
export function follow(since: Pace, now: Sample): Pace | 'too slow' {
  if (now.pending === 0) return undefined;
  if (since === undefined) return now;
  const elapsed = now.at - since.at;
  if (elapsed < WINDOW) return since;
  const owed = (SLOWEST * elapsed) / 1000;
  const taken = now.written - now.pending - (since.written - since.pending);
  if (taken >= owed) return now;
  return taken + now.pending >= owed ? since : 'too slow';
}
