import { type FetchItem, identityOf, isOfEngine, isOfProgram } from '../flight/fetch-item.ts';
import { objectIdentity, type Manifest } from '../manifest/model.ts';
import { signaturePath, signaturePaths } from '../manifest/path.ts';
import type { GenerationObject, ObjectKind, OnDemandObject } from '../ports/generation.ts';
import type { StagedObject } from '../ports/store.ts';
import type { Prefetches } from './prefetch.ts';

export interface Plan {
  /** In the order in which they are to be fetched. */
  readonly fetch: readonly FetchItem[];
  /** Here already, proven, and of the identity the index asks for. */
  readonly reuse: readonly GenerationObject[];
  /** Part of the release, and fetched when an agent asks for it. */
  readonly onDemand: readonly OnDemandObject[];
  /** Those of them that are here all the same. */
  readonly here: readonly GenerationObject[];
  /** Neither here nor to be fetched: what `patternsOnly` leaves out. */
  readonly absent: readonly string[];
  /** Listed bytes to fetch; signatures, whose size nobody knows, are not in it. */
  readonly bytes: number;
}

export interface PlanInput {
  readonly manifest: Manifest;
  /** SHA-256 of the index as received: what a signature belongs to. */
  readonly index: string;
  /** Objects of kept generations, and those that came on demand, whose blobs are on disk. */
  readonly held: readonly GenerationObject[];
  /** Objects an unfinished update left behind. */
  readonly staged: readonly StagedObject[];
  readonly programs: boolean;
  readonly prefetches: Prefetches;
  /** From this source patterns and incrementals only (sources.activeUpdatePatternsOnly). */
  readonly patternsOnly: boolean;
}

/**
 * What one update has to fetch and what it can take from disk. Pure.
 * An object is (path, version, size): names recur with other content, so a path alone proves nothing. A signature
 * carries neither version nor size and has the same name at every release, so it is fetched afresh for each index.
 */
export function planUpdate({ manifest, index, held, staged, programs, prefetches, patternsOnly }: PlanInput): Plan {
  const available = new Map<string, GenerationObject>();
  const signatures = new Map<string, GenerationObject>();
  for (const object of held) if (object.kind !== 'signature') available.set(identityOf(object), object);
  for (const { index: fetchedFor, ...object } of staged) {
    if (object.kind !== 'signature') available.set(identityOf(object), object);
    else if (fetchedFor === index) signatures.set(identityOf(object), object);
  }

  const fetch: FetchItem[] = [];
  const reuse: GenerationObject[] = [];
  const onDemand: OnDemandItem[] = [];
  const here: GenerationObject[] = [];
  const absent: string[] = [];
  for (const item of wanted(manifest, programs)) {
    const found = (item.kind === 'signature' ? signatures : available).get(identityOf(item));
    // The same bytes may stand in another role now: kind and component are what this index says.
    const ours = found && { ...found, path: item.path, kind: item.kind, component: item.component };
    if (!ours && patternsOnly && isOfEngine(item)) absent.push(item.path);
    else if (comesOnDemand(item, prefetches)) {
      onDemand.push(item);
      if (ours) here.push(ours);
    } else if (ours) reuse.push(ours);
    else fetch.push(item);
  }
  fetch.sort((a, b) => RANK[a.kind] - RANK[b.kind] || (a.size ?? 0) - (b.size ?? 0));
  return {
    fetch,
    reuse,
    onDemand: onDemand.map(listed),
    here,
    absent,
    bytes: fetch.reduce((sum, item) => sum + (item.size ?? 0), 0),
  };
}

// Small and protective first: with the incrementals and their signatures home, most agents can be brought up to date.
const RANK: Record<ObjectKind, number> = { incremental: 0, signature: 1, engine: 2, pattern: 3, program: 4 };

/** A signature is small and belongs to its index: it is never left for later. */
function comesOnDemand(item: FetchItem, prefetches: Prefetches): item is OnDemandItem {
  return item.kind !== 'signature' && item.size !== null && !prefetches({ ...item, kind: item.kind, size: item.size });
}

type OnDemandItem = FetchItem & OnDemandObject;

function listed({ path, kind, component, version, size }: OnDemandItem): OnDemandObject {
  return { path, kind, component, version, size };
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
