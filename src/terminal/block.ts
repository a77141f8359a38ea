import { truncate } from './width.ts';
import type { Io } from './io.ts';
import type { Writable } from 'node:stream';

/** Lines on a terminal that are redrawn where they stand. */
export interface Block {
  draw(lines: readonly string[]): void;
  /** Takes the lines away again. */
  erase(): void;
  /** Shows the cursor again. The last lines drawn stay. */
  release(): void;
}

// ECMA-48 §8.3 and DEC private modes.
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const ERASE_TO_END_OF_LINE = '\u001b[K';
const ERASE_BELOW = '\u001b[J';
const up = (lines: number) => (lines > 0 ? `\u001b[${lines}A\r` : '');

/**
 * A block that draws over itself. Lines are cut to the width of the terminal, and to its height less one: a line that wraps
 * or scrolls away could not be drawn over again. One write a drawing, so that nothing flickers.
 */
export function createBlock(stream: Writable, io: Io): Block {
  let drawn = 0;
  let hidden = false;
  return {
    draw(lines) {
      const shown = lines
        .slice(0, io.rows() - 1)
        .map((line) => `${truncate(line, io.columns() - 1, io.unicode ? '…' : '~')}${ERASE_TO_END_OF_LINE}\n`);
      stream.write(`${hidden ? '' : HIDE_CURSOR}${up(drawn)}${shown.join('')}${ERASE_BELOW}`);
      hidden = true;
      drawn = shown.length;
    },
    erase() {
      if (drawn > 0) stream.write(`${up(drawn)}${ERASE_BELOW}`);
      drawn = 0;
    },
    release() {
      if (hidden) stream.write(SHOW_CURSOR);
      hidden = false;
      drawn = 0;
    },
  };
}
