import { bar } from './bar.ts';
import { createBlock } from './block.ts';
import { formatBytes } from './bytes.ts';
import { paint } from './paint.ts';
import { percent, share, shareDone, transferFacts } from './progress-facts.ts';
import { createRate } from './rate.ts';
import { oneLine } from './width.ts';
import type { Clock } from '../ports/clock.ts';
import type { Io } from './io.ts';
import type { ProgressItem, ProgressState, ProgressView } from './progress-state.ts';

// Ten times a second looks alive, and is no burden to a terminal behind a slow line.
const REDRAW_MS = 100;
const ITEMS_SHOWN = 4;
// What stands to the right of the overall bar: `  58 %  92.1 MiB of 158.3 MiB  11.2 MiB/s  2 min 10 s left`.
const FACTS_WIDTH = 56;
const NARROWEST_BAR = 12;
const WIDEST_BAR = 40;

/** The overall bar with rate and time left, and one bar for each of the first few items under way. */
export function progressBars(io: Io, clock: Clock): ProgressView {
  const block = createBlock(io.stderr, io);
  const rate = createRate(clock);
  let drawnAt = -Infinity;
  return {
    update(state) {
      const bytesPerSecond = rate(state.bytes);
      if (clock.monotonic() - drawnAt < REDRAW_MS) return;
      drawnAt = clock.monotonic();
      const width = Math.min(WIDEST_BAR, Math.max(NARROWEST_BAR, io.columns() - FACTS_WIDTH));
      block.draw([
        ...overall(state, bytesPerSecond, width, io),
        ...state.items.slice(0, ITEMS_SHOWN).map((item) => running(item, width, io)),
      ]);
    },
    close() {
      block.erase();
      block.release();
    },
  };
}

function overall(state: ProgressState, bytesPerSecond: number, width: number, io: Io): string[] {
  // What has no extent yet, as asking for an index, has a name only.
  if (state.total === 0) return [paint(io, 'bold', oneLine(state.label))];
  const count = paint(io, 'dim', `${state.done} of ${state.total}`);
  const facts = transferFacts(state, bytesPerSecond).join('  ');
  return [`${paint(io, 'bold', oneLine(state.label))}  ${count}`, `${measure(shareDone(state), width, io)}  ${facts}`];
}

/** Indented by two, with a bar shorter by two, so that the percentages stand under one another. */
function running({ name, done, total }: ProgressItem, width: number, io: Io): string {
  const amount = paint(io, 'dim', formatBytes(total));
  return `  ${measure(share(done, total), width - 2, io)}  ${oneLine(name)}  ${amount}`;
}

function measure(part: number, width: number, io: Io): string {
  return `${bar(part, width, io)} ${String(percent(part)).padStart(3)} %`;
}
