import type { GenerationObject } from '../ports/generation.ts';
import type { FetchedIndex } from './check-index.ts';
import type { UpdateContext } from './context.ts';
import { planUpdate, type Plan } from './plan.ts';

/** What of this index has to be fetched, given what is on disk. */
export async function makePlan({ manifest, index }: FetchedIndex, { store, programs }: UpdateContext): Promise<Plan> {
  const held: GenerationObject[] = [];
  for (const generation of store.generations.list().toReversed()) {
    for (const object of generation.objects) if (await store.blobs.has(object)) held.push(object);
  }
  return planUpdate({ manifest, index: index.sha256, held, staged: store.staging.list(), programs });
}
