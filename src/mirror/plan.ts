import type { GenerationObject, ObjectKind } from '../ports/generation.ts';
import type { StagedObject } from '../ports/store.ts';
import { objectIdentity, type Manifest } from '../manifest/model.ts';
import { canonicalPath, signaturePath, signaturePaths } from '../manifest/path.ts';

/** One object to fetch. */
export interface FetchItem {
  readonly path: string;
  readonly kind: ObjectKind;
  readonly component: string;
  readonly version: string | null;
  /** Bytes the index lists; null for a signature, which no index lists. */
  readonly size: number | null;
  /** What another source has to list before this may come from there: the identity of the object, or of the one signed. */
  readonly listing: string;
}

/** What a thing is the same by. */
type Identifiable = Pick<FetchItem, 'path' | 'kind' | 'version' | 'size'>;

export interface Plan {
  /** In the order in which they are to be fetched. */
  readonly fetch: readonly FetchItem[];
  /** Here already, proven, and of the identity the index asks for. */
  readonly reuse: readonly GenerationObject[];
  /** Neither here nor to be fetched: what `patternsOnly` leaves out. */
  readonly absent: readonly string[];
  /** Listed bytes to fetch; signatures, whose size nobody knows, are not in it. */
  readonly bytes: number;
}

export interface PlanInput {
  readonly manifest: Manifest;
  /** SHA-256 of the index as received: what a signature belongs to. */
  readonly index: string;
  /** Objects of kept generations whose blobs are on disk. */
  readonly held: readonly GenerationObject[];
  /** Objects an unfinished update left behind. */
  readonly staged: readonly StagedObject[];
  readonly programs: boolean;
  /** From this source patterns and incrementals only (sources.activeUpdatePatternsOnly). */
  readonly patternsOnly: boolean;
}

/**
 * What one update has to fetch and what it can take from disk. Pure.
 * An object is (path, version, size): names recur with other content, so a path alone proves nothing. A signature
 * carries neither version nor size and has the same name at every release, so it is fetched afresh for each index.
 */
export function planUpdate({ manifest, index, held, staged, programs, patternsOnly }: PlanInput): Plan {
  const available = new Map<string, GenerationObject>();
  const signatures = new Map<string, GenerationObject>();
  for (const object of held) if (object.kind !== 'signature') available.set(identityOf(object), object);
  for (const { index: fetchedFor, ...object } of staged) {
    if (object.kind !== 'signature') available.set(identityOf(object), object);
    else if (fetchedFor === index) signatures.set(identityOf(object), object);
  }

  const fetch: FetchItem[] = [];
  const reuse: GenerationObject[] = [];
  const absent: string[] = [];
  for (const item of wanted(manifest, programs)) {
    const found = (item.kind === 'signature' ? signatures : available).get(identityOf(item));
    // The same bytes may stand in another role now: kind and component are what this index says.
    if (found) reuse.push({ ...found, path: item.path, kind: item.kind, component: item.component });
    else if (patternsOnly && isEngines(item)) absent.push(item.path);
    else fetch.push(item);
  }
  fetch.sort((a, b) => RANK[a.kind] - RANK[b.kind] || (a.size ?? 0) - (b.size ?? 0));
  return { fetch, reuse, absent, bytes: fetch.reduce((sum, item) => sum + (item.size ?? 0), 0) };
}

// Small and protective first: with the incrementals and their signatures home, most agents can be brought up to date.
const RANK: Record<ObjectKind, number> = { incremental: 0, signature: 1, engine: 2, pattern: 3, program: 4 };

/** A program package, or the signature of one. */
export function isOfProgram({ component }: Pick<FetchItem, 'component'>): boolean {
  return component.startsWith('Info_');
}

/** An engine, or the signature of one. */
function isEngines({ component }: FetchItem): boolean {
  return component.startsWith('E.');
}

function* wanted(manifest: Manifest, programs: boolean): Generator<FetchItem> {
  const signed = new Map<string, string>();
  for (const { path, key, kind, component, version, size } of manifest.objects) {
    const listing = objectIdentity({ key, version, size });
    if (!signed.has(signaturePath(key))) signed.set(signaturePath(key), listing);
    if (kind !== 'program' || programs) yield { path, kind, component, version, size, listing };
  }
  for (const { path, key, component } of signaturePaths(manifest)) {
    if (programs || !isOfProgram({ component })) {
      yield { path, kind: 'signature', component, version: null, size: null, listing: signed.get(key) ?? '' };
    }
  }
}

/** (path, version, size) as one string. A signature's size is no part of it: no index lists it. */
export function identityOf({ path, kind, version, size }: Identifiable): string {
  return objectIdentity({ key: canonicalPath(path), version, size: kind === 'signature' ? 0 : (size ?? 0) });
}
