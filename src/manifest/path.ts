import type { Manifest } from './model.ts';

/** Characters. Longer than any path seen by far, and short enough for a request line (docs/protocol.md §3). */
const LONGEST_PATH = 1024;

// Characters no object's path may hold. A control character forges log lines; a backslash and a colon mean something
// to Windows (folder, drive, stream) or to URLs (scheme); `%`, `?` and `#` would make a request mean another path;
// U+FFFD stands where the index was not valid UTF-8.
// oxlint-disable-next-line no-control-regex
const REFUSED = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd\\:%?#]/;

/**
 * The key of a path in every table. ASCII case is folded, because the servers this imitates do not tell `Pattern/`
 * from `pattern/` (docs/protocol.md §3); nothing else is changed.
 */
export function canonicalPath(path: string): string {
  if (!/[A-Z]/.test(path)) return path;
  return path.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * What is wrong with a path that came from upstream, in words, or undefined when nothing is. A path that passes is
 * relative, climbs nowhere, and means the same as a URL, on Windows and here (security: names from upstream).
 */
export function pathFlaw(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.length > LONGEST_PATH) return `it is longer than ${LONGEST_PATH} characters`;
  if (!path.isWellFormed()) return 'it is not valid text';
  if (REFUSED.test(path)) return 'it holds a backslash, a colon, one of % ? #, a control character or invalid UTF-8';
  const segments = path.split('/');
  if (segments.includes('')) return 'it is absolute or has an empty segment';
  if (segments.includes('.') || segments.includes('..')) return 'it has a . or .. segment';
  return undefined;
}

/**
 * Where the signature of an object lies: the last extension of the name gives way to `.sig`
 * (docs/protocol.md §4, "Signatures"); a name without one gets it appended.
 */
export function signaturePath(path: string): string {
  const name = path.lastIndexOf('/') + 1;
  const dot = path.lastIndexOf('.');
  return `${dot > name ? path.slice(0, dot) : path}.sig`;
}

/** Bytes a signature may have. Known ones have a few hundred; the format is undocumented, so there is room. */
export const SIGNATURE_LIMIT = 1024 * 1024;

/** The place of a signature, and the component of the first object it may belong to. */
export interface SignaturePath {
  readonly path: string;
  readonly key: string;
  readonly component: string;
}

/**
 * Where the source may have signatures, each place once: objects that differ in the extension alone share one
 * (`v_239.241` and `v_239.zip`). A place that the index gives to an object is that object's.
 */
export function signaturePaths({ objects }: Pick<Manifest, 'objects'>): readonly SignaturePath[] {
  const taken = new Set(objects.map(({ key }) => key));
  const places = new Map<string, SignaturePath>();
  for (const object of objects) {
    const path = signaturePath(object.path);
    const key = canonicalPath(path);
    if (!taken.has(key) && !places.has(key)) places.set(key, { path, key, component: object.component });
  }
  return [...places.values()];
}
