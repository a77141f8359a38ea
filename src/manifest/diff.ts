import { objectIdentity, type Component, type Manifest, type ManifestObject } from './model.ts';

/** What a release does to one component. */
export interface ComponentChange {
  readonly id: string;
  readonly name: string;
  readonly change: 'new' | 'changed' | 'gone';
  /** Versions as the indexes write them. */
  readonly before: string | null;
  readonly after: string | null;
  /** Bytes of its objects, incrementals too, that the index before did not have. */
  readonly bytes: number;
}

/** Objects that one index has and the one before had not. */
export interface Amount {
  readonly objects: number;
  readonly bytes: number;
}

/** What changed from one index to the next. */
export interface ManifestDiff {
  /** In the order of the later index, then those that are gone in the order of the earlier one. */
  readonly components: readonly ComponentChange[];
  /** Everything but programs; an object that several components share counts once. */
  readonly toFetch: Amount;
  readonly programsToFetch: Amount;
}

/**
 * Compares two indexes; null before the first. An object is the same when path, version and size are
 * (docs/protocol.md §4); a component has changed when any of its objects did. Pure.
 */
export function diffManifests(before: Manifest | null, after: Manifest): ManifestDiff {
  const had = new Set(before?.objects.map(objectIdentity));
  const missing = (object: ManifestObject): boolean => !had.has(objectIdentity(object));
  const earlier = new Map(before?.components.map((component) => [component.id, component]));
  const later = new Set(after.components.map(({ id }) => id));

  const components = [
    ...after.components.flatMap((component) => changeOf(earlier.get(component.id), component, missing) ?? []),
    ...[...earlier.values()].filter(({ id }) => !later.has(id)).map(goneOf),
  ];
  return {
    components,
    toFetch: amountOf(after.objects.filter((object) => object.kind !== 'program' && missing(object))),
    programsToFetch: amountOf(after.programs.filter(missing)),
  };
}

function changeOf(
  before: Component | undefined,
  after: Component,
  missing: (object: ManifestObject) => boolean,
): ComponentChange | undefined {
  if (before && identities(before) === identities(after)) return undefined;
  return {
    id: after.id,
    name: after.name,
    change: before ? 'changed' : 'new',
    before: before?.full.version ?? null,
    after: after.full.version,
    bytes: amountOf(objectsOf(after).filter(missing)).bytes,
  };
}

function goneOf({ id, name, full }: Component): ComponentChange {
  return { id, name, change: 'gone', before: full.version, after: null, bytes: 0 };
}

function identities(component: Component): string {
  return objectsOf(component).map(objectIdentity).join('\n');
}

function objectsOf({ full, incrementals }: Component): readonly ManifestObject[] {
  return [full, ...incrementals];
}

function amountOf(objects: readonly ManifestObject[]): Amount {
  return { objects: objects.length, bytes: objects.reduce((sum, { size }) => sum + size, 0) };
}
