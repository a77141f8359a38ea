import { checkArchive } from '../archive/check-archive.ts';
import { isRelayError, RelayError } from '../errors/relay-error.ts';
import { SIGNATURE_LIMIT } from '../manifest/path.ts';
import type { GenerationObject } from '../ports/generation.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { UpdateContext } from './context.ts';
import type { FetchItem } from './plan.ts';
import type { ProgressTracker } from './update-state.ts';

/** What came home: objects on disk, proven and staged; and the program packages the source does not have. */
export interface Acquired {
  readonly objects: readonly GenerationObject[];
  readonly absent: readonly string[];
}

/** Downloads at a time. One TCP connection rarely fills a WAN line with 80 ms; many starve the rest of the branch. */
const CONCURRENCY = 6;

/**
 * Fetches `items` in their order, several at a time, and stages each as soon as it is proven, so that a killed update
 * brings none of them twice. After the first failure nothing new is begun, but what is under way ends and is kept:
 * those bytes have crossed the WAN. Rejects with that first failure.
 */
export async function acquire(
  items: readonly FetchItem[],
  from: { readonly source: UpdateSource; readonly index: string },
  context: UpdateContext,
  progress: ProgressTracker,
  signal: AbortSignal,
): Promise<Acquired> {
  const objects: GenerationObject[] = [];
  const absent: string[] = [];
  const queue = items.values();
  let failure: unknown;

  async function worker(): Promise<void> {
    for (const item of queue) {
      if (failure !== undefined || signal.aborted) return;
      progress.advance(item.path, 0, item.size);
      try {
        const object = await acquireOne(item, from.source, context, progress, signal);
        await context.store.staging.add({ ...object, index: from.index });
        objects.push(object);
      } catch (error) {
        const verdict = judge(item, error);
        if (verdict === 'failure') failure ??= error;
        if (verdict === 'absent') {
          absent.push(item.path);
          const reason = error instanceof RelayError ? error.message : String(error);
          context.events.emit('object.absent', { path: item.path, source: from.source.url, reason });
        }
      } finally {
        progress.finished(item.path);
      }
    }
  }

  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  if (failure !== undefined) throw failure;
  signal.throwIfAborted();
  return { objects, absent };
}

async function acquireOne(
  item: FetchItem,
  source: UpdateSource,
  { store, upstream, clock, events }: UpdateContext,
  progress: ProgressTracker,
  signal: AbortSignal,
): Promise<GenerationObject> {
  const writer = await store.blobs.create(item.size ?? SIGNATURE_LIMIT, { exact: item.size !== null });
  try {
    await upstream.fetchObject({
      source,
      path: item.path,
      size: item.size === null ? { limit: SIGNATURE_LIMIT } : { exact: item.size },
      sink: writer,
      signal,
      onProgress: (size) => progress.advance(item.path, size, item.size),
    });
    const proof = await checkArchive(writer, item.path);
    const { sha256, size } = await writer.commit();
    events.emit('object.fetched', { path: item.path, bytes: size, source: source.url, proof });
    const { path, kind, component, version } = item;
    const fetchedAt = new Date(clock.now()).toISOString();
    return { path, kind, component, version, size, sha256, proof, source: source.url, fetchedAt };
  } finally {
    await writer.abort();
  }
}

/**
 * Some files have no signature, and old product packages are named with wrong sizes or are long gone
 * (docs/protocol.md): neither may hold back today's patterns. Everything else that fails, fails the update.
 */
function judge(item: FetchItem, error: unknown): 'failure' | 'absent' | 'none' {
  const missing = isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND');
  if (item.kind === 'signature' && missing) return 'none';
  const unusable = isRelayError(error, 'RLY_UPSTREAM_SIZE') || isRelayError(error, 'RLY_ARCHIVE_DAMAGED');
  return item.kind === 'program' && (missing || unusable) ? 'absent' : 'failure';
}
