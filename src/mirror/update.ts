import { isRelayError, RelayError } from '../errors/relay-error.ts';
import { createCandidates } from '../flight/candidates.ts';
import { seenContents } from '../flight/equivocation.ts';
import { identityOf } from '../flight/fetch-item.ts';
import { isAboutTheObject } from '../flight/judge-failure.ts';
import { createListings } from '../flight/listings.ts';
import type { Manifest } from '../manifest/model.ts';
import type { Attempt } from '../policy/decision.ts';
import type { GenerationObject } from '../ports/generation.ts';
import { acquire } from './acquire.ts';
import { checkIndex, confirmIndex } from './check-index.ts';
import type { UpdateContext } from './context.ts';
import { makeRoom } from './make-room.ts';
import { noteAfter, noteBefore } from './measure.ts';
import { makePlan } from './plan-from-store.ts';
import { trySources } from './try-sources.ts';
import type { ProgressTracker } from './update-state.ts';

export type UpdateOutcome =
  | { readonly result: 'unchanged'; readonly source: string; readonly generation: number }
  | {
      readonly result: 'published';
      readonly source: string;
      readonly generation: number;
      readonly fetched: number;
      readonly reused: number;
      /** Bytes that crossed the network for this update, index and signatures included. */
      readonly bytes: number;
      readonly absent: readonly string[];
    };

/** An index that changes this often during one update belongs to a release that is not finished. */
const MOST_ROUNDS = 3;

/**
 * One update: the sources in their order, the first that serves it whole wins. Rejects with RLY_UPDATE_NO_SOURCE, whose
 * cause holds one error a source, when none does; with the error itself when this host's disk is what failed.
 */
export function runUpdate(
  context: UpdateContext,
  progress: ProgressTracker,
  signal: AbortSignal,
): Promise<UpdateOutcome> {
  return trySources(context, (source) => updateFrom(source, context, progress, signal));
}

async function updateFrom(
  source: Attempt,
  context: UpdateContext,
  progress: ProgressTracker,
  signal: AbortSignal,
): Promise<UpdateOutcome> {
  const { store, upstream, clock, events } = context;
  const receivedBefore = upstream.received.total();
  progress.enter('checking', source.url);
  const current = store.generations.current();
  let fetched = await checkIndex(source, current, context, signal);
  if (!fetched && current) {
    events.emit('update.unchanged', { source: source.url });
    return { result: 'unchanged', source: source.url, generation: current.number };
  }

  for (let round = 1; fetched && round <= MOST_ROUNDS; round += 1) {
    const { manifest, index } = fetched;
    progress.enter('planning');
    await makeRoom(fetched, context);
    const plan = await makePlan(fetched, source, context);
    progress.planned(plan.fetch.length, plan.bytes);
    events.emit('update.planned', { fetch: plan.fetch.length, bytes: plan.bytes, reused: plan.reuse.length });

    progress.enter('acquiring');
    const candidates = createCandidates(source, createListings(null, context, signal), context);
    const from = { candidates, index: index.sha256 };
    const acquired = await acquire(plan.fetch, from, context, progress, signal).catch(ifReleaseMayExplain);

    progress.enter('confirming');
    const later = plan.fetch.length > 0 ? await confirmIndex(source, fetched, context, signal) : fetched;
    if (later.index.sha256 === index.sha256) {
      if (acquired instanceof RelayError) throw acquired;
      const { objects } = acquired;
      const absent = [...plan.absent, ...acquired.absent];
      progress.enter('publishing');
      await keepForLater(plan.here, context);
      const indexBlob = await storeIndex(manifest, context);
      await store.identities.remember(seenContents([...plan.reuse, ...objects]));
      await noteBefore(source.url, context);
      const generation = await store.generations.publish(
        {
          source: source.url,
          index: { ...index, ...indexBlob },
          objects: [...plan.reuse, ...objects],
          onDemand: plan.onDemand,
          absent,
        },
        new Date(clock.now()),
      );
      context.provenance.confirmed(index.sha256, later.provenance);
      await noteAfter(generation, context);
      return {
        result: 'published',
        source: source.url,
        generation: generation.number,
        fetched: objects.length,
        reused: plan.reuse.length,
        bytes: upstream.received.total() - receivedBefore,
        absent,
      };
    }
    fetched = later;
  }
  throw new RelayError('RLY_UPDATE_INDEX_MOVED', { url: `${source.url}/server.ini`, rounds: MOST_ROUNDS });
}

/**
 * A file that is gone, or is not the one the index lists, may be of a release that began meanwhile: the index tells, asked
 * once more. Any other failure is thrown on.
 */
function ifReleaseMayExplain(error: unknown): RelayError {
  if (isRelayError(error) && isAboutTheObject(error)) return error;
  throw error;
}

/** What is on demand from now on and is here already need not come again: it is noted as if an agent had asked for it. */
async function keepForLater(here: readonly GenerationObject[], { store: { fills } }: UpdateContext): Promise<void> {
  const known = new Set(fills.list().map(({ identity }) => identity));
  for (const object of here) {
    const identity = identityOf(object);
    if (!known.has(identity)) await fills.add({ ...object, identity });
  }
}

async function storeIndex(manifest: Manifest, { store }: UpdateContext): Promise<{ sha256: string; size: number }> {
  const writer = await store.blobs.create(manifest.bytes.length, { exact: true });
  try {
    await writer.write(manifest.bytes);
    return await writer.commit();
  } finally {
    await writer.abort();
  }
}
