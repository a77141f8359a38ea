import { systemClock } from '../ports/clock.ts';
import { progressBars } from './progress-bars.ts';
import { progressLines } from './progress-lines.ts';
import type { Clock } from '../ports/clock.ts';
import type { Io } from './io.ts';
import type { ProgressState } from './progress-state.ts';

export interface Progress extends Disposable {
  /** As often as one likes; what is drawn is the progress's own decision. */
  update(state: ProgressState): void;
  /** Takes the bars away and leaves `summary`, where there is one, in their place. `using` calls it without. */
  finish(summary?: string): void;
}

/**
 * Progress on stderr, so that stdout stays for what the command answers. On a terminal: bars, redrawn in place.
 * In a pipe: plain lines, one a milestone, without control characters.
 */
export function createProgress(io: Io, clock: Clock = systemClock): Progress {
  const view = io.isTerminal ? progressBars(io, clock) : progressLines(io, clock);
  const finish = (summary?: string) => {
    view.close();
    if (summary !== undefined) io.stderr.write(`${summary}\n`);
  };
  return { update: (state) => view.update(state), finish, [Symbol.dispose]: () => finish() };
}
