import { checkArchive } from '../archive/check-archive.ts';
import { isRelayError, type RelayError } from '../errors/relay-error.ts';
import { SIGNATURE_LIMIT } from '../manifest/path.ts';
import type { GenerationObject } from '../ports/generation.ts';
import type { BlobWriter } from '../ports/store.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { Candidates } from './candidates.ts';
import type { UpdateContext } from './context.ts';
import { isOfProgram, type FetchItem } from './plan.ts';
import type { ProgressTracker } from './update-state.ts';

/** Where the objects of an update come from, and the SHA-256 of the index they come for. */
export interface AcquireFrom {
  readonly candidates: Candidates;
  readonly index: string;
}

/** What became of one object: home and proven, or left out for a reason. */
export type AcquiredObject = GenerationObject | { readonly absent: string };

/**
 * Brings one object home from the first candidate that has it whole, and stages it. Bytes of two sources are never joined: each begins
 * at byte 0. Rejects with the first candidate's error when none can.
 */
export async function acquireObject(
  item: FetchItem,
  { candidates, index }: AcquireFrom,
  context: UpdateContext,
  progress: ProgressTracker,
  signal: AbortSignal,
): Promise<AcquiredObject> {
  const { health, events, clock } = context;
  const { blobs, staging } = context.store;
  const writer = await blobs.create(item.size ?? SIGNATURE_LIMIT, { exact: item.size !== null });
  const failures: RelayError[] = [];
  try {
    for await (const source of candidates(item)) {
      if (writer.size > 0) await writer.restart();
      try {
        const proof = await fetchInto(writer, item, source, context, progress, signal);
        const { path, kind, component, version } = item;
        const origin = { path, kind, component, version, proof, source: source.url };
        const fetchedAt = new Date(clock.now()).toISOString();
        // Noted before the blob has its name: a kill between the two would else cost these bytes a second time.
        const { sha256, size } = await writer.commit((blob) => staging.add({ ...origin, ...blob, fetchedAt, index }));
        health.succeeded(source.url);
        events.emit('object.fetched', { path: item.path, bytes: size, source: source.url, proof });
        return { ...origin, size, sha256, fetchedAt };
      } catch (error) {
        if (!isRelayError(error) || (error.fault !== 'upstream' && error.fault !== 'config')) throw error;
        // Some files have no signature (docs/protocol.md §4): the source of the index knows best.
        if (item.kind === 'signature' && isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND')) throw error;
        if (!isAboutTheObject(error)) health.failed(source.url, error);
        failures.push(error);
        events.emit('object.failed', { path: item.path, source: source.url, error: `${error.code}: ${error.message}` });
      }
    }
  } finally {
    await writer.abort();
  }
  const [first] = failures;
  if (first) throw first;
  return { absent: 'no source that is permitted for it lists it' };
}

async function fetchInto(
  writer: BlobWriter,
  item: FetchItem,
  source: UpdateSource,
  { upstream }: UpdateContext,
  progress: ProgressTracker,
  signal: AbortSignal,
): Promise<GenerationObject['proof']> {
  const { path, size } = item;
  await upstream.fetchObject({
    source,
    path,
    kind: isOfProgram(item) ? 'programs' : 'components',
    size: size === null ? { limit: SIGNATURE_LIMIT } : { exact: size },
    sink: writer,
    signal,
    onProgress: (held) => progress.advance(path, held, size),
  });
  return checkArchive(writer, path);
}

/** Whether the source answered, and only this file is not what it should be. */
export function isAboutTheObject(error: RelayError): boolean {
  return (
    isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND') ||
    isRelayError(error, 'RLY_UPSTREAM_SIZE') ||
    isRelayError(error, 'RLY_ARCHIVE_DAMAGED')
  );
}
