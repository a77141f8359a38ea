import { isDeepStrictEqual } from 'node:util';
import { isRelayError } from '../errors/relay-error.ts';
import { parseManifest } from '../manifest/manifest.ts';
import { componentFiles, type ComponentFiles } from '../manifest/versions.ts';
import type { Generation } from '../ports/generation.ts';
import type { UpdateContext } from './context.ts';
import {
  type HighWater,
  type Listing,
  lowerHighWater,
  notedHighWater,
  raiseHighWater,
  recallHighWater,
  withListed,
} from './high-water.ts';

/** What the index of a source is held against. */
export interface Measure {
  readonly current: Generation | undefined;
  /** What this source listed the last time, where that generation is kept; else the current one: two sources may offer different selections. */
  readonly before: Listing | null;
  /** What was noted, and never less than those two say: a note may be lost, or be older than they are. */
  readonly mark: HighWater;
}

/** The measure for the source with this base URL. Throws RLY_STORAGE_*. */
export async function measureFor(source: string, { store }: UpdateContext): Promise<Measure> {
  const current = store.generations.current();
  const noted = recallHighWater(store.notes.read('high-water'));
  if (!current) return { current, before: null, mark: noted };
  const last = store.generations.list().find((generation) => generation.source === source);
  const [now, before] = [await listingOf(current, store), await listingOf(last ?? current, store)];
  const { versions, listed } = raiseHighWater(noted, now);
  // Its versions are none: what a person let go back since, at another source, would be up again.
  // A source that has brought nothing yet begins where the others are.
  const isOfSource = last !== undefined || !noted.listed.has(source);
  return {
    current,
    before,
    mark: { versions, listed: isOfSource ? withListed(listed, { ...before, source }) : listed },
  };
}

/**
 * Before anything is published: what it replaces is noted, so that no kill can make that forgotten. Durable when it resolves;
 * throws RLY_STORAGE_*.
 */
export async function noteBefore(source: string, context: UpdateContext): Promise<void> {
  const { mark } = await measureFor(source, context);
  await note(mark, context);
}

/** After it was published: it is part of the measure, or the measure itself where a person said so. What the disk refuses is told. */
export async function noteAfter(generation: Generation, context: UpdateContext): Promise<void> {
  const { store, allow, events } = context;
  const noted = recallHighWater(store.notes.read('high-water'));
  try {
    const listing = await listingOf(generation, store);
    const raised = raiseHighWater(noted, listing);
    await note(allow ? lowerHighWater(raised, listing, allow) : raised, context);
  } catch (error) {
    events.emit('store.not-noted', { name: 'high-water', error: String(error) });
  }
}

async function note(mark: HighWater, { store, sources }: UpdateContext): Promise<void> {
  const value = notedHighWater(
    mark,
    sources.map(({ url }) => url),
  );
  if (!isDeepStrictEqual(value, store.notes.read('high-water'))) await store.notes.write('high-water', value);
}

async function listingOf(generation: Generation, store: UpdateContext['store']): Promise<Listing> {
  const { number, source } = generation;
  return { generation: number, source, files: await filesOf(generation, store) };
}

async function filesOf(
  { index, objects, onDemand }: Generation,
  { blobs }: UpdateContext['store'],
): Promise<ComponentFiles> {
  try {
    return componentFiles(parseManifest(await blobs.read(index)));
  } catch (error) {
    // A damaged index, or one that this version does not read any more, is no way around the ratchet: what the generation holds says nearly
    // the same.
    if (!isRelayError(error) || !(isRelayError(error, 'RLY_STORAGE_BLOB_BROKEN') || error.fault === 'upstream'))
      throw error;
    // Keys from before there were ids are no components in an index either.
    return [...objects, ...onDemand].filter(({ component }) => /^[PE]\.\d+$/.test(component));
  }
}
