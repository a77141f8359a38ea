import { Writable } from 'node:stream';
import type { Io } from '../../src/terminal/io.ts';

export interface FakeIo extends Io {
  /** Everything written so far, as it was written. */
  readonly written: { stdout: string; stderr: string };
}

/** An `Io` that keeps what is written. As it is: a pipe without colours in a UTF-8 locale, 80 by 24. */
export function fakeIo(
  options: Partial<Pick<Io, 'isTerminal' | 'columns' | 'rows' | 'colour' | 'unicode'>> = {},
): FakeIo {
  const written = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') =>
    new Writable({
      decodeStrings: false,
      write(text: string, _encoding, done) {
        written[name] += text;
        done();
      },
    });
  return {
    stdout: into('stdout'),
    stderr: into('stderr'),
    isTerminal: false,
    columns: () => 80,
    rows: () => 24,
    colour: false,
    unicode: true,
    ...options,
    written,
  };
}

// The sequences a block draws with, and a stretch of text.
// oxlint-disable-next-line no-control-regex
const TOKENS = /\u001b\[(\??\d*)([A-Za-z])|\r|\n|[^\u001b\r\n]+/g;

/** What a person sees on a terminal after `text` was written to it: its lines, and whether the cursor shows. */
export function screenAfter(text: string): { lines: string[]; cursor: boolean } {
  const lines: string[] = [''];
  let cursor = true;
  let row = 0;
  let column = 0;
  for (const [token, parameter = '', command] of text.matchAll(TOKENS)) {
    const line = lines[row] ?? '';
    if (token === '\r') column = 0;
    else if (token === '\n') [row, column] = [row + 1, 0];
    else if (command === 'A') row = Math.max(0, row - Number(parameter));
    else if (command === 'K') lines[row] = line.slice(0, column);
    else if (command === 'J') lines.splice(row, Infinity, line.slice(0, column));
    else if (parameter === '?25') cursor = command === 'h';
    else if (command === undefined) {
      lines[row] = line.slice(0, column).padEnd(column) + token + line.slice(column + token.length);
      column += token.length;
    }
    lines[row] ??= '';
  }
  while (lines.at(-1) === '') lines.pop();
  return { lines, cursor };
}
