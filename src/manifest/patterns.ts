import { RelayError } from '../errors/relay-error.ts';
import { isNumber, misshapen, readObject, splitFields } from './fields.ts';
import type { Component, ManifestNotice, ManifestObject } from './model.ts';
import { componentName } from './names.ts';
import { leftOut, readLegacyEntry } from './old-entry.ts';
import type { Entry, Section } from './scan.ts';

/** What [PATTERN] or [ENGINE] holds. */
export interface SectionReading {
  readonly components: readonly Component[];
  /** Objects of keys from before there were ids. */
  readonly legacy: readonly ManifestObject[];
  readonly notices: readonly ManifestNotice[];
}

/**
 * Reads [PATTERN]: `P.<id>=path, version, size`, its incrementals `P.<id>.Merge.<n>=path, FROM-version, size` and their
 * counts (docs/protocol.md §4). Throws RLY_MANIFEST_COUNT when entries and counts disagree, RLY_MANIFEST_SYNTAX for
 * incrementals of no pattern, and what readObject throws.
 */
export function readPatterns(section: Section): SectionReading {
  const patterns = new Map<string, PatternEntries>();
  const legacy: ManifestObject[] = [];
  const notices: ManifestNotice[] = [];
  for (const entry of section.entries.values()) {
    const key = patternKey(entry.key);
    if (key) {
      const pattern = patterns.get(key.id) ?? { full: undefined, merges: new Map(), counts: [] };
      patterns.set(key.id, pattern);
      if (!sortInto(pattern, key.part, entry)) notices.push(leftOut(entry, 'the relay does not know this key'));
    } else {
      const object = readLegacyEntry(entry, 'pattern', notices);
      if (object) legacy.push(object);
    }
  }
  const components = [...patterns].flatMap(([id, entries]) => readPattern(id, entries) ?? []);
  return { components, legacy, notices };
}

// The entries of one pattern.
interface PatternEntries {
  full: Entry | undefined;
  /** By what stands for n in `Merge.<n>`. */
  readonly merges: Map<string, Entry>;
  readonly counts: Entry[];
}

// `P.4` is id P.4 and no part; `P.4.Merge.1` is id P.4, part .merge.1.
function patternKey(key: string): { id: string; part: string } | undefined {
  const [family = '', number = ''] = key.split('.', 2);
  const id = `P.${number}`;
  if (family.toLowerCase() !== 'p' || !isNumber(number)) return undefined;
  return { id, part: key.slice(id.length).toLowerCase() };
}

// All three count the same thing; which one is written depends on the age of the component.
const COUNTS: ReadonlySet<string> = new Set(['.mergecount', '.mergecountex', '.mergecountiu']);

function sortInto(pattern: PatternEntries, part: string, entry: Entry): boolean {
  if (part === '') pattern.full = entry;
  else if (part.startsWith('.merge.')) pattern.merges.set(part.slice('.merge.'.length), entry);
  else if (COUNTS.has(part)) pattern.counts.push(entry);
  else return part === '.iu'; // A number of the incremental update engine; there is nothing to fetch.
  return true;
}

function readPattern(id: string, { full, merges, counts }: PatternEntries): Component | undefined {
  const ordered = orderMerges(id, merges, counts);
  if (full) {
    return {
      id,
      kind: 'pattern',
      name: componentName(id),
      full: readVersioned(full, 'pattern', id),
      incrementals: ordered.map((entry) => readVersioned(entry, 'incremental', id)),
      minimumVersion: null,
    };
  }
  const [orphan] = ordered;
  if (!orphan) return undefined;
  throw new RelayError('RLY_MANIFEST_SYNTAX', {
    line: orphan.line,
    found: `${orphan.key} without ${id}`,
    expected: `an entry ${id} that it is an incremental of`,
  });
}

// An agent reads the count and then asks for 1 … count: a hole, or an entry behind the count, is a torn index.
function orderMerges(id: string, merges: ReadonlyMap<string, Entry>, counts: readonly Entry[]): readonly Entry[] {
  const size = merges.size;
  for (const { key, value, line } of counts) {
    if (!isNumber(value)) {
      throw new RelayError('RLY_MANIFEST_SYNTAX', { line, found: `${key}=${value}`, expected: 'a decimal number' });
    }
    if (Number(value) !== size) throw mismatch(id, line, `${size} listed`, `${value}, as ${key} says`);
  }
  const [first] = merges.values();
  if (!first) return [];
  if (counts.length === 0) throw mismatch(id, first.line, `${size} listed and no count`, `${id}.MergeCount`);
  return Array.from({ length: size }, (_, index) => {
    const entry = merges.get(String(index + 1));
    if (!entry) throw mismatch(id, first.line, `no ${id}.Merge.${index + 1}`, `${id}.Merge.1 to ${size}`);
    return entry;
  });
}

function mismatch(component: string, line: number, found: string, expected: string): RelayError<'RLY_MANIFEST_COUNT'> {
  return new RelayError('RLY_MANIFEST_COUNT', { line, component, found, expected });
}

function readVersioned(entry: Entry, kind: 'pattern' | 'incremental', component: string): ManifestObject {
  const [path, version, size, ...more] = splitFields(entry.value);
  if (path === undefined || version === undefined || size === undefined || more.length > 0) {
    throw misshapen(entry, 'path, version, size');
  }
  return readObject(entry, { kind, component, path, version, size });
}
