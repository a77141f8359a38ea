import { systemClock } from '../ports/clock.ts';
import { createBlock } from './block.ts';
import type { Clock } from '../ports/clock.ts';
import type { Io } from './io.ts';

/** A view of something that goes on: the same lines again and again, with what changed. */
export interface Live extends Disposable {
  update(lines: readonly string[]): void;
  /** Shows the last lines given, and gives the cursor back. `using` calls it. */
  stop(): void;
}

// Ten times a second looks alive, and costs a slow serial line no more than it can take.
const TERMINAL_INTERVAL_MS = 100;
// A log is read, not watched.
const PIPE_INTERVAL_MS = 1000;

/** A live view on stdout: on a terminal redrawn in place, in a pipe those lines that changed, at most once a second. */
export function createLive(io: Io, clock: Clock = systemClock): Live {
  const block = createBlock(io.stdout, io);
  const interval = io.isTerminal ? TERMINAL_INTERVAL_MS : PIPE_INTERVAL_MS;
  let latest: readonly string[] = [];
  let shown: readonly string[] = [];
  let shownAt = -Infinity;

  const show = () => {
    const changed = latest.filter((line, at) => line !== shown[at]);
    if (changed.length === 0 && latest.length === shown.length) return;
    if (io.isTerminal) block.draw(latest);
    else if (changed.length > 0) io.stdout.write(changed.map((line) => `${line}\n`).join(''));
    shown = latest;
    shownAt = clock.monotonic();
  };
  const stop = () => {
    show();
    block.release();
  };
  return {
    update(lines) {
      latest = lines;
      if (clock.monotonic() - shownAt >= interval) show();
    },
    stop,
    [Symbol.dispose]: stop,
  };
}
