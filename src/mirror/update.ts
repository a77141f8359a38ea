import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { Manifest } from '../manifest/model.ts';
import type { UpdateSource } from '../upstream/source.ts';
import { acquire } from './acquire.ts';
import { checkIndex, confirmIndex } from './check-index.ts';
import type { UpdateContext } from './context.ts';
import { makeRoom } from './make-room.ts';
import { makePlan } from './plan-from-store.ts';
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
export async function runUpdate(
  context: UpdateContext,
  progress: ProgressTracker,
  signal: AbortSignal,
): Promise<UpdateOutcome> {
  const failures: RelayError[] = [];
  for (const source of context.sources) {
    try {
      return await updateFrom(source, context, progress, signal);
    } catch (error) {
      if (!(error instanceof RelayError) || error.fault !== 'upstream') throw error;
      failures.push(error);
    }
  }
  const tried = failures.map((failure, at) => `${context.sources[at]?.url}: ${failure.message}`).join('; ');
  throw new RelayError('RLY_UPDATE_NO_SOURCE', { tried }, { cause: new AggregateError(failures) });
}

/** Whether an update failed for no other reason than that the index was away: a release may be under way. */
export function indexWasMissing(error: unknown): boolean {
  return (
    isRelayError(error, 'RLY_UPDATE_NO_SOURCE') &&
    error.cause instanceof AggregateError &&
    error.cause.errors.length > 0 &&
    error.cause.errors.every((cause) => isRelayError(cause, 'RLY_UPDATE_INDEX_MISSING'))
  );
}

async function updateFrom(
  source: UpdateSource,
  context: UpdateContext,
  progress: ProgressTracker,
  signal: AbortSignal,
): Promise<UpdateOutcome> {
  const { store, upstream, clock, events } = context;
  const receivedBefore = upstream.received.get(source.url) ?? 0;
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
    const plan = await makePlan(fetched, context);
    progress.planned(plan.fetch.length, plan.bytes);
    events.emit('update.planned', { fetch: plan.fetch.length, bytes: plan.bytes, reused: plan.reuse.length });

    progress.enter('acquiring');
    const from = { source, index: index.sha256 };
    const acquired = await acquire(plan.fetch, from, context, progress, signal).catch(ifReleaseMayExplain);

    progress.enter('confirming');
    const later = plan.fetch.length > 0 ? await confirmIndex(source, fetched, context, signal) : null;
    if (!later) {
      if (acquired instanceof RelayError) throw acquired;
      const { objects, absent } = acquired;
      progress.enter('publishing');
      const indexBlob = await storeIndex(manifest, context);
      const generation = await store.generations.publish(
        { source: source.url, index: { ...index, ...indexBlob }, objects: [...plan.reuse, ...objects], absent },
        new Date(clock.now()),
      );
      return {
        result: 'published',
        source: source.url,
        generation: generation.number,
        fetched: objects.length,
        reused: plan.reuse.length,
        bytes: (upstream.received.get(source.url) ?? 0) - receivedBefore,
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
  const explained =
    isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND') ||
    isRelayError(error, 'RLY_UPSTREAM_SIZE') ||
    isRelayError(error, 'RLY_ARCHIVE_DAMAGED');
  if (explained) return error;
  throw error;
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
