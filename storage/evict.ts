import { type CollectionParts, unheld } from './collect.ts';
import type { Parts } from './parts.ts';

export interface EvictionParts extends CollectionParts {
  readonly parts: Parts;
}

/** Something that may go, and the bytes that are free then. */
interface Candidate {
  readonly bytes: number;
  readonly remove: () => Promise<unknown>;
}

/**
 * Makes `lacking` bytes of room at the cost of what is of least use: blobs that nothing holds, downloads in nobody's hands,
 * then stored responses and fills nobody reads, of each the least recently used first. What all of that would not be enough for costs nothing at all.
 */
export async function evict(store: EvictionParts, lacking: number): Promise<void> {
  const chosen: Candidate[] = [];
  let freed = 0;
  for (const candidate of candidates(store)) {
    if (freed >= lacking) break;
    chosen.push(candidate);
    freed += candidate.bytes;
  }
  if (freed < lacking) return;
  for (const { remove } of chosen) await remove();
}

function* candidates(store: EvictionParts): Generator<Candidate> {
  const { blobs, fills, responses, parts } = store;
  const sizes = new Map([...blobs.list()].map(({ sha256, size }) => [sha256, size]));
  // Chosen before others were removed: somebody may have come for it meanwhile.
  const removeUnlessHeld = async (sha256: string): Promise<unknown> =>
    blobs.isHeld(sha256) ? undefined : blobs.remove(sha256);
  for (const sha256 of unheld(store)) {
    yield { bytes: sizes.get(sha256) ?? 0, remove: () => removeUnlessHeld(sha256) };
  }
  for (const { name, bytes } of parts.resting()) yield { bytes, remove: () => parts.remove(name) };
  // One blob may be of several of them.
  const seen = new Set<string>();
  for (const { sha256, size } of [...responses.byAge(), ...fills.byAge()]) {
    if (blobs.isHeld(sha256) || seen.has(sha256) || !sizes.has(sha256) || listedElsewhere(store, sha256)) continue;
    seen.add(sha256);
    yield {
      bytes: size,
      remove: async () => {
        if (blobs.isHeld(sha256)) return;
        await responses.retain((response) => response.sha256 !== sha256);
        await fills.retain((fill) => fill.sha256 !== sha256);
        await removeUnlessHeld(sha256);
      },
    };
  }
}

/** They may have the bytes of what a generation or an update needs. */
function listedElsewhere({ generations, staging }: EvictionParts, sha256: string): boolean {
  const needs = generations.list().some(({ objects }) => objects.some((object) => object.sha256 === sha256));
  return needs || staging.holds(sha256);
}
