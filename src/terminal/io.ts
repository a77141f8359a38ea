import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import type { Writable } from 'node:stream';

/** Where a command writes, and what may be written there. Injected, so that a test reads it. */
export interface Io {
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Both streams are terminals: what moves the cursor under one would otherwise end in a file behind the other. */
  readonly isTerminal: boolean;
  /** Width and height in characters; asked anew at each drawing, because windows are resized. */
  readonly columns: () => number;
  readonly rows: () => number;
  readonly colour: boolean;
  /** The locale says UTF-8; otherwise only ASCII is written. */
  readonly unicode: boolean;
}

// What a terminal has when it does not say: the VT100, and every emulator's first window.
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** The `Io` of this process. Colour is Node's decision: NO_COLOR, FORCE_COLOR, TERM=dumb, CI and the stream itself. */
export function processIo(): Io {
  const { stdout, stderr, env } = process;
  return {
    stdout,
    stderr,
    isTerminal: isatty(stdout.fd) && isatty(stderr.fd) && env['TERM'] !== 'dumb',
    columns: () => stdout.columns || DEFAULT_COLUMNS,
    rows: () => stdout.rows || DEFAULT_ROWS,
    colour: styleText('bold', 'x', { stream: stdout }) !== 'x',
    unicode: speaksUtf8(env),
  };
}

/** POSIX, "Environment Variables": the first of these that is set and not empty decides the character set. */
export function speaksUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  return /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}
