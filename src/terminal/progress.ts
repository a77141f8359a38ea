import { systemClock } from '../ports/clock.ts';
import { progressBars } from './progress-bars.ts';
import { progressLines } from './progress-lines.ts';
import type { Clock } from '../ports/clock.ts';
import type { Io } from './io.ts';

/** How far a piece of work is. */
export interface ProgressState {
  /** What is being done: `Updating from osce.example.com`. */
  readonly label: string;
  /** Things done, of how many. */
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
  readonly totalBytes: number;
  /** What is under way, in bytes. */
  readonly items: readonly ProgressItem[];
}

export interface ProgressItem {
  readonly name: string;
  readonly done: number;
  readonly total: number;
}

export interface Progress extends Disposable {
  /** As often as one likes; what is drawn is the progress's own decision. */
  update(state: ProgressState): void;
  /** Takes the bars away and leaves `summary`, where there is one, in their place. `using` calls it without. */
  finish(summary?: string): void;
}

/** One way of showing it. */
export interface ProgressView {
  update(state: ProgressState): void;
  close(): void;
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
