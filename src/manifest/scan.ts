import { RelayError } from '../errors/relay-error.ts';
import { linesOf, readLine, type LineContent, type LinePlace } from './lines.ts';

/** `key=value` of a section, both trimmed. */
export interface Entry {
  readonly key: string;
  readonly value: string;
  /** 1-based. */
  readonly line: number;
}

/** A section. A header that comes again continues it. */
export interface Section {
  /** As first written. */
  readonly name: string;
  /** By key in lower case, since Windows, where the format is at home, does not tell case apart. In the order of the file. */
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A real index has 17 kB in 562 lines, none longer than 110 bytes. */
export const SCAN_LIMITS = {
  /** Bytes. */
  file: 8 * 1024 * 1024,
  /** Bytes, without the line end. */
  line: 16 * 1024,
  /** Headers and keys together. */
  entries: 20_000,
} as const;

/**
 * Reads an INI file in one pass, in time linear in its length, and answers its sections by name in lower case.
 * Throws RLY_MANIFEST_NOT_AN_INDEX when the file does not start like one (docs/protocol.md §4); after that
 * RLY_MANIFEST_SYNTAX for what is no line, RLY_MANIFEST_DUPLICATE, and RLY_MANIFEST_LIMIT beyond SCAN_LIMITS.
 */
export function scanSections(bytes: Buffer): ReadonlyMap<string, Section> {
  if (bytes.length > SCAN_LIMITS.file) throw beyond(1, `a file of ${bytes.length} bytes`, `${SCAN_LIMITS.file} bytes`);
  if (startsAsUtf16(bytes)) throw notAnIndex(bytes, 'it is UTF-16, expected ASCII or UTF-8');

  const sections = new Map<string, OpenSection>();
  let current: OpenSection | undefined;
  let entries = 0;
  for (const place of linesOf(bytes)) {
    const line = place.number;
    const content = contentOf(bytes, place);
    if (content.type === 'nothing') continue;

    entries += 1;
    if (entries > SCAN_LIMITS.entries) throw beyond(line, `entry ${entries}`, `${SCAN_LIMITS.entries} entries`);
    if (content.type === 'section') {
      current = openSection(sections, content.name, line);
      continue;
    }
    if (!current) throw notAnIndex(bytes, `line ${line} should be a [section]`);
    if (content.type === 'too-long') throw beyond(line, `${content.size} bytes`, `${SCAN_LIMITS.line} bytes`);
    if (content.type === 'flaw') {
      throw new RelayError('RLY_MANIFEST_SYNTAX', { line, found: content.found, expected: content.expected });
    }
    addEntry(current, { key: content.key, value: content.value, line });
  }
  if (!current) throw notAnIndex(bytes, bytes.length === 0 ? 'it is empty' : 'it has no [section]');
  return sections;
}

/** The error for what is no index at all, with the first characters of what it is. */
export function notAnIndex(bytes: Buffer, reason: string): RelayError<'RLY_MANIFEST_NOT_AN_INDEX'> {
  // Enough to recognise a login page by, short enough for a log line.
  const found = JSON.stringify(bytes.toString('utf8', 0, 80));
  return new RelayError('RLY_MANIFEST_NOT_AN_INDEX', { reason, found });
}

// A section while it is read.
interface OpenSection extends Section {
  readonly entries: Map<string, Entry>;
}

function openSection(sections: Map<string, OpenSection>, name: string, line: number): OpenSection {
  const folded = foldName(name, line);
  const section = sections.get(folded) ?? { name, entries: new Map<string, Entry>() };
  sections.set(folded, section);
  return section;
}

function addEntry({ name, entries }: OpenSection, entry: Entry): void {
  const folded = foldName(entry.key, entry.line);
  const first = entries.get(folded);
  if (first) {
    const { key: found, line } = entry;
    throw new RelayError('RLY_MANIFEST_DUPLICATE', { line, found, section: name, first: first.line });
  }
  entries.set(folded, entry);
}

function foldName(name: string, line: number): string {
  const folded = name.toLowerCase();
  // Harmless here, where names are keys of Maps; it was written for programs that keep them in plain objects.
  if (folded === '__proto__') {
    throw new RelayError('RLY_MANIFEST_SYNTAX', { line, found: name, expected: 'a name that the format knows' });
  }
  return folded;
}

// TAB may stand for a space, and the scanner splits at LF and CRLF; any other control character is no text.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

function contentOf(bytes: Buffer, { start, end }: LinePlace): LineContent | { type: 'too-long'; size: number } {
  if (end - start > SCAN_LIMITS.line) return { type: 'too-long', size: end - start };
  // Another code page than UTF-8 (names of products) gives U+FFFD, which only a path may not hold.
  const text = bytes.toString('utf8', start, end);
  return CONTROL.test(text) ? { type: 'flaw', found: text, expected: 'no control character' } : readLine(text);
}

function startsAsUtf16(bytes: Buffer): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

function beyond(line: number, found: string, limit: string): RelayError<'RLY_MANIFEST_LIMIT'> {
  return new RelayError('RLY_MANIFEST_LIMIT', { line, found, expected: `at most ${limit}` });
}
