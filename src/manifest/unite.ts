import { RelayError } from '../errors/relay-error.ts';
import { objectIdentity, type Component, type ManifestNotice, type ManifestObject } from './model.ts';

/** Everything an index lists, by where it is listed. */
export interface Listed {
  readonly components: readonly Component[];
  readonly legacy: readonly ManifestObject[];
  readonly programs: readonly ManifestObject[];
}

/** Each path once. */
export interface United {
  /** In the order of the file. */
  readonly objects: readonly ManifestObject[];
  /** In the order of the file; those whose path is not in `objects`. */
  readonly programs: readonly ManifestObject[];
  readonly notices: readonly ManifestNotice[];
}

/**
 * One object a path, since one URL can have one content only. What agents update by is refused when it contradicts
 * itself (RLY_MANIFEST_CONFLICT): the same path must have the same kind, version and size among components, and the
 * same size in a legacy key, whose versions are written in another way. Among program packages, which are ridden with
 * leftovers, what was listed first stays and a later one of another size is left out with a notice: refusing would
 * stop pattern updates for a product nobody has had for years.
 */
export function uniteObjects({ components, legacy, programs }: Listed): United {
  const byKey = new Map<string, ManifestObject>();
  for (const object of components.flatMap(({ full, incrementals }) => [full, ...incrementals])) {
    const first = byKey.get(object.key);
    if (!first) byKey.set(object.key, object);
    else if (first.kind !== object.kind || objectIdentity(first) !== objectIdentity(object)) {
      throw conflict(first, object);
    }
  }
  for (const object of legacy) {
    const first = byKey.get(object.key);
    if (!first) byKey.set(object.key, object);
    else if (first.size !== object.size) throw conflict(first, object);
  }
  const objects = [...byKey.values()].sort((a, b) => a.line - b.line);

  const notices: ManifestNotice[] = [];
  const packages: ManifestObject[] = [];
  for (const object of programs) {
    const first = byKey.get(object.key);
    if (!first) {
      byKey.set(object.key, object);
      packages.push(object);
    } else if (first.size !== object.size) {
      const text = `${object.path} of ${object.size} bytes was left out: line ${first.line} says ${first.size} bytes`;
      notices.push({ line: object.line, text });
    }
  }
  return { objects, programs: packages, notices };
}

function conflict(first: ManifestObject, object: ManifestObject): RelayError<'RLY_MANIFEST_CONFLICT'> {
  return new RelayError('RLY_MANIFEST_CONFLICT', {
    line: object.line,
    first: first.line,
    path: object.path,
    found: describe(object),
    expected: describe(first),
  });
}

function describe({ kind, version, size }: ManifestObject): string {
  return `${kind} ${version ?? 'without a version'} of ${size} bytes`;
}
