const LF = 0x0a;
const CR = 0x0d;
const BOM = [0xef, 0xbb, 0xbf];

/** One line of a file, as a place in its bytes. */
export interface LinePlace {
  /** 1-based. */
  readonly number: number;
  /** Offset of the first byte; behind the BOM on the first line. */
  readonly start: number;
  /** Offset behind the last byte, without LF or CRLF. */
  readonly end: number;
}

/** The lines of a file, in one pass. A last line without a line end is a line; nothing behind a last line end is none. */
export function* linesOf(bytes: Uint8Array): Generator<LinePlace> {
  let start = BOM.every((byte, index) => bytes[index] === byte) ? BOM.length : 0;
  for (let number = 1; start < bytes.length; number += 1) {
    const next = bytes.indexOf(LF, start);
    if (next === -1) {
      yield { number, start, end: bytes.length };
      return;
    }
    yield { number, start, end: next > start && bytes[next - 1] === CR ? next - 1 : next };
    start = next + 1;
  }
}

/** What one line says. */
export type LineContent =
  | { readonly type: 'nothing' }
  | { readonly type: 'section'; readonly name: string }
  | { readonly type: 'entry'; readonly key: string; readonly value: string }
  | { readonly type: 'flaw'; readonly found: string; readonly expected: string };

const NOTHING: LineContent = { type: 'nothing' };

/** Reads one line of an INI file: blank or comment (nothing), `[section]`, `key=value`, or neither. */
export function readLine(text: string): LineContent {
  const line = text.trim();
  if (line === '' || line.startsWith(';')) return NOTHING;
  return line.startsWith('[') ? readHeader(line) : readEntry(line);
}

function readHeader(line: string): LineContent {
  const close = line.indexOf(']');
  const name = line.slice(1, close).trim();
  const rest = line.slice(close + 1).trim();
  if (close === -1 || name === '' || (rest !== '' && !rest.startsWith(';'))) {
    return { type: 'flaw', found: line, expected: '[section] and nothing else' };
  }
  return { type: 'section', name };
}

function readEntry(line: string): LineContent {
  const equals = line.indexOf('=');
  const key = line.slice(0, equals).trim();
  if (equals === -1 || key === '') return { type: 'flaw', found: line, expected: 'key=value, [section] or ; comment' };
  return { type: 'entry', key, value: line.slice(equals + 1).trim() };
}
