import { isRelayError } from '../errors/relay-error.ts';
import type { Candidates } from '../flight/candidates.ts';
import type { FetchItem } from '../flight/fetch-item.ts';
import type { GenerationObject } from '../ports/generation.ts';
import type { UpdateContext } from './context.ts';
import type { ProgressTracker } from './update-state.ts';

/** Where the objects of an update come from, and the SHA-256 of the index they come for. */
export interface AcquireFrom {
  readonly candidates: Candidates;
  readonly index: string;
}

/** What became of one object: home and proven, or left out for a reason. */
export type AcquiredObject = GenerationObject | { readonly absent: string };

/** Brings one object of an update home and stages it. Rejects as its flight does, except where no source lists it. */
export async function acquireObject(
  item: FetchItem,
  { candidates, index }: AcquireFrom,
  { flights, store }: UpdateContext,
  progress: ProgressTracker,
  signal: AbortSignal,
): Promise<AcquiredObject> {
  const { path, kind, component, size } = item;
  try {
    const home = await flights.bring({
      item,
      candidates,
      signal,
      note: (object) => store.staging.add({ ...object, index }),
      onProgress: (held) => progress.advance(path, held, size),
    });
    // A flight that agents began may have known it by another name.
    return { ...home, path, kind, component };
  } catch (error) {
    if (!isRelayError(error, 'RLY_OBJECT_NO_SOURCE')) throw error;
    return { absent: error.message };
  }
}
