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
  const line = trimBlanks(text);
  if (line === '' || line.startsWith(';')) return NOTHING;
  return line.startsWith('[') ? readHeader(line) : readEntry(line);
}

/**
 * Cuts spaces and tabs from both ends, and nothing else. String.trim also cuts what agents may take for text: a header
 * behind a no-break space would end [Server] here, and not for them.
 */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (start < end && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function readHeader(line: string): LineContent {
  const close = line.indexOf(']');
  const name = trimBlanks(line.slice(1, close));
  const rest = trimBlanks(line.slice(close + 1));
  if (close === -1 || name === '' || (rest !== '' && !rest.startsWith(';'))) {
    return { type: 'flaw', found: line, expected: '[section] and nothing else' };
  }
  return { type: 'section', name };
}

function readEntry(line: string): LineContent {
  const equals = line.indexOf('=');
  const key = trimBlanks(line.slice(0, equals));
  if (equals === -1 || key === '') return { type: 'flaw', found: line, expected: 'key=value, [section] or ; comment' };
  return { type: 'entry', key, value: trimBlanks(line.slice(equals + 1)) };
}
