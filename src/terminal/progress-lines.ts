import { percent, shareDone, transferFacts } from './progress-facts.ts';
import { createRate } from './rate.ts';
import { oneLine } from './width.ts';
import type { Clock } from '../ports/clock.ts';
import type { Io } from './io.ts';
import type { ProgressView } from './progress-state.ts';

// A line is due when both have passed since the last one: neither a fast update nor a slow one fills a log.
const MILESTONE_PERCENT = 10;
const MILESTONE_MS = 5000;

/** A line for each new label and each milestone: `Updating from ua1: 58 %, 41 of 90, 92.1 MiB of 158.3 MiB, 11.2 MiB/s`. */
export function progressLines(io: Io, clock: Clock): ProgressView {
  const rate = createRate(clock);
  let last: { label: string; percent: number; at: number } | undefined;
  return {
    update(state) {
      const bytesPerSecond = rate(state.bytes);
      const now = { label: state.label, percent: percent(shareDone(state)), at: clock.monotonic() };
      const due = !last || (now.percent - last.percent >= MILESTONE_PERCENT && now.at - last.at >= MILESTONE_MS);
      if (!due && now.label === last?.label) return;
      last = now;
      const facts = [`${now.percent} %`, `${state.done} of ${state.total}`, ...transferFacts(state, bytesPerSecond)];
      // What has no extent yet, as asking for an index, has a name only.
      io.stderr.write(`${oneLine(state.label)}${state.total > 0 ? `: ${facts.join(', ')}` : ''}\n`);
    },
    close() {},
  };
}
