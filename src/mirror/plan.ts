import type { GenerationObject, ObjectKind } from '../ports/generation.ts';
import type { StagedObject } from '../ports/store.ts';
import { signaturePaths } from '../manifest/path.ts';
import type { Manifest } from '../manifest/manifest.ts';

/** One object to fetch. */
export interface FetchItem {
  readonly path: string;
  readonly kind: ObjectKind;
  readonly component: string;
  readonly version: string | null;
  /** Bytes the index lists; null for a signature, which no index lists. */
  readonly size: number | null;
}

export interface Plan {
  /** In the order in which they are to be fetched. */
  readonly fetch: readonly FetchItem[];
  /** Here already, proven, and of the identity the index asks for. */
  readonly reuse: readonly GenerationObject[];
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
}

/**
 * What one update has to fetch and what it can take from disk. Pure.
 * An object is (path, version, size): names recur with other content, so a path alone proves nothing. A signature
 * carries neither version nor size and has the same name at every release, so it is fetched afresh for each index.
 */
export function planUpdate({ manifest, index, held, staged, programs }: PlanInput): Plan {
  const available = new Map<string, GenerationObject>();
  for (const object of [...held, ...staged]) {
    if (object.kind !== 'signature') available.set(identity(object), object);
  }
  const signatures = new Map(
    staged.filter((object) => object.kind === 'signature' && object.index === index).map((o) => [identity(o), o]),
  );

  const fetch: FetchItem[] = [];
  const reuse: GenerationObject[] = [];
  for (const item of wanted(manifest, programs)) {
    const found = (item.kind === 'signature' ? signatures : available).get(identity(item));
    // The same bytes may stand in another role now: kind and component are what this index says.
    if (found) reuse.push({ ...found, path: item.path, kind: item.kind, component: item.component });
    else fetch.push(item);
  }
  fetch.sort((a, b) => RANK[a.kind] - RANK[b.kind] || (a.size ?? 0) - (b.size ?? 0));
  return { fetch, reuse, bytes: fetch.reduce((sum, item) => sum + (item.size ?? 0), 0) };
}

// Small and protective first: with the incrementals and their signatures home, most agents can be brought up to date.
const RANK: Record<ObjectKind, number> = { incremental: 0, signature: 1, engine: 2, pattern: 3, program: 4 };

function* wanted(manifest: Manifest, programs: boolean): Generator<FetchItem> {
  for (const { path, kind, component, version, size } of manifest.objects) {
    if (kind !== 'program' || programs) yield { path, kind, component, version, size };
  }
  for (const { path, component } of signaturePaths(manifest)) {
    if (programs || !component.startsWith('Info_')) {
      yield { path, kind: 'signature', component, version: null, size: null };
    }
  }
}

/** (path, version, size) as one string; paths differ only by case on the servers this came from, so case is folded. */
export function identity(object: Pick<FetchItem, 'path' | 'kind' | 'version' | 'size'>): string {
  const size = object.kind === 'signature' ? '' : object.size;
  return `${object.path.toLowerCase()}\n${object.version ?? ''}\n${size}`;
}
