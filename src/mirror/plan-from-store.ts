import type { GenerationObject } from '../ports/generation.ts';
import type { Attempt } from '../policy/decision.ts';
import type { StagedObject } from '../ports/store.ts';
import type { UpdateContext } from './context.ts';
import type { FetchedIndex } from './judge-index.ts';
import { planUpdate, type Plan } from './plan.ts';

/** What of this index, from that source, has to be fetched, given what is on disk. */
export async function makePlan(
  { manifest, index }: FetchedIndex,
  { patternsOnly }: Attempt,
  { store, programSources, prefetches }: UpdateContext,
): Promise<Plan> {
  const held: GenerationObject[] = [];
  const staged: StagedObject[] = [];
  for (const generation of store.generations.list().toReversed()) {
    for (const object of generation.objects) {
      if (!(await store.blobs.has(object))) continue;
      held.push(object);
      // A signature is good for its index: for this one, where it is only mended.
      if (object.kind === 'signature') staged.push({ ...object, index: generation.index.sha256 });
    }
  }
  for (const { identity: _, ...fill } of store.fills.list()) if (await store.blobs.has(fill)) held.push(fill);
  for (const object of store.staging.list()) if (await store.blobs.has(object)) staged.push(object);
  const programs = programSources.length > 0;
  return planUpdate({ manifest, index: index.sha256, held, staged, programs, prefetches, patternsOnly });
}
