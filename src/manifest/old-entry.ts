import { misshapen, readObject, splitFields } from './fields.ts';
import type { ManifestKind, ManifestNotice, ManifestObject } from './model.ts';
import type { Entry } from './scan.ts';

/** The notice that an entry names no object and was left out. */
export function leftOut({ key, value, line }: Entry, reason: string): ManifestNotice {
  return { line, text: `${key}=${value} was left out: ${reason}` };
}

/**
 * Reads `path, size` or `path, version, size`: packages of products and keys from before there were ids. Both are
 * ridden with leftovers (docs/protocol.md §4): nothing means no package, and a lone word (`Path=f`) is junk that goes
 * to `notices`. Throws what readObject throws, and RLY_MANIFEST_SYNTAX for more fields.
 */
export function readOldEntry(
  entry: Entry,
  kind: ManifestKind,
  component: string,
  notices: ManifestNotice[],
): ManifestObject | undefined {
  if (entry.value === '') return undefined;
  const [path = '', second, third, ...more] = splitFields(entry.value);
  if (second === undefined) {
    notices.push(leftOut(entry, 'a path without a size names no object'));
    return undefined;
  }
  if (more.length > 0) throw misshapen(entry, 'path, size');
  const [version, size] = third === undefined ? [null, second] : [second, third];
  return readObject(entry, { kind, component, path, version, size });
}

/**
 * Reads an entry of [PATTERN] or [ENGINE] that belongs to no id: `Path_VSAPI`, `MergePath_VSAPI.1` (an object), `Version`,
 * `MergeCount`, `Merge.1` (nothing to fetch). A key that is not known may name an object: it goes to `notices`.
 */
export function readLegacyEntry(
  entry: Entry,
  kind: 'pattern' | 'engine',
  notices: ManifestNotice[],
): ManifestObject | undefined {
  const folded = entry.key.toLowerCase();
  if (folded.startsWith('path_')) return readOldEntry(entry, kind, entry.key, notices);
  if (folded.startsWith('mergepath_')) return readOldEntry(entry, 'incremental', entry.key, notices);
  if (folded !== 'version' && folded !== 'mergecount' && !folded.startsWith('merge.')) {
    notices.push(leftOut(entry, 'the relay does not know this key'));
  }
  return undefined;
}
