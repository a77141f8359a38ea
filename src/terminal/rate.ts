import type { Clock } from '../ports/clock.ts';

/** How fast something grows. */
export interface Rate {
  /** What there is now; answers the units a second over the last few seconds. */
  (total: number): number;
}

// Long enough to smooth the bursts of a TCP window, short enough to show a stall while it lasts.
const WINDOW_MS = 5000;
// Samples closer than this replace one another: a fast download reports thousands of times a second.
const SAMPLE_MS = 100;

/** A rate over a sliding window of five seconds. */
export function createRate(clock: Clock): Rate {
  const samples: { at: number; total: number }[] = [];
  return (total) => {
    const at = clock.monotonic();
    const last = samples.at(-1);
    // A new piece of work begins at nothing again.
    if (last !== undefined && total < last.total) samples.length = 0;
    if (last === undefined || at - last.at >= SAMPLE_MS) samples.push({ at, total });
    while (samples.length > 2 && at - (samples[1]?.at ?? at) >= WINDOW_MS) samples.shift();
    const first = samples[0];
    return first === undefined || at === first.at ? 0 : ((total - first.total) * 1000) / (at - first.at);
  };
}
