import { identityOf } from '../flight/fetch-item.ts';
import { PULLED_PART } from '../ports/pull-through.ts';
import type { UpdateContext } from './context.ts';
import type { FetchedIndex } from './judge-index.ts';

/**
 * Lets go of what an update to this index has no use for: staged objects that it does not list with this identity,
 * signatures fetched for another index, what came on demand for releases that are gone, and whatever nothing holds any more. Done before anything is fetched: releases
 * that never came whole would else fill the store, and into a full store no release ever comes whole again.
 */
export async function makeRoom({ manifest, index }: FetchedIndex, context: UpdateContext): Promise<void> {
  const listed = new Set(manifest.objects.map(identityOf));
  const { staging, fills, blobs, generations } = context.store;
  await staging.retain((object) =>
    object.kind === 'signature' ? object.index === index.sha256 : listed.has(identityOf(object)),
  );
  for (const object of generations.list().flatMap(({ onDemand }) => onDemand)) listed.add(identityOf(object));
  await fills.retain(({ identity }) => listed.has(identity));
  await blobs.retainParts((part) => listed.has(part) || part.startsWith(PULLED_PART));
  await collectGarbage(context);
}

/**
 * Retires old generations and deletes blobs that nothing holds. What cannot be deleted is told, and is no reason to go
 * without an update.
 */
export async function collectGarbage({
  store,
  pinned,
  events,
}: Pick<UpdateContext, 'store' | 'pinned' | 'events'>): Promise<void> {
  try {
    const bytes = await store.collect(pinned());
    if (bytes > 0) events.emit('store.collected', { bytes });
  } catch (error) {
    events.emit('store.not-collected', { error: String(error) });
  }
}
