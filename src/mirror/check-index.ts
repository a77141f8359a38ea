import { createHash } from 'node:crypto';
import { isRelayError } from '../errors/relay-error.ts';
import { askForIndex } from '../flight/ask-for-index.ts';
import { parseManifest } from '../manifest/manifest.ts';
import type { Generation } from '../ports/generation.ts';
import type { Provenance } from '../ports/provenance.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { IndexAnswer } from '../upstream/upstream.ts';
import type { UpdateContext } from './context.ts';
import { judgeIndex, type FetchedIndex } from './judge-index.ts';

/**
 * The index at `source`, or null when it brings nothing: it is the one of the current generation and that has everything,
 * or it is of an earlier moment at another source. One request, conditional where it can be. Throws what `judgeIndex` does.
 */
export async function checkIndex(
  source: UpdateSource,
  current: Generation | undefined,
  context: UpdateContext,
  signal: AbortSignal,
): Promise<FetchedIndex | null> {
  const wholeHere = current !== undefined && (await hasAllBlobs(current, context)) && !(await lacks(current, context));
  // Validators of one source say nothing about another's index.
  const validators = wholeHere && current.source === source.url ? current.index : null;
  const answer = await askForIndex(source, validators, context, signal);
  const fetched = answer.state === 'fetched' ? parsed(answer, context) : null;
  const isSame = fetched === null || current?.index.sha256 === fetched.index.sha256;
  if (!isSame) {
    const verdict = await judgeIndex(source, fetched, { mayBeLate: wholeHere }, context);
    return verdict === 'late' ? null : fetched;
  }
  if (!wholeHere) return fetched;
  context.provenance.confirmed(current.index.sha256, answer);
  return null;
}

/**
 * A blob that was found damaged is deleted, and comes again with the same index: a 304 would never bring it. The index itself is
 * read: it is small, all agents begin with it, and no flight brings it.
 */
async function hasAllBlobs({ index, objects }: Generation, { store, events }: UpdateContext): Promise<boolean> {
  for (const blob of objects) if (!(await store.blobs.has(blob))) return false;
  try {
    await store.blobs.read(index);
    return true;
  } catch (error) {
    if (!isRelayError(error, 'RLY_STORAGE_BLOB_BROKEN')) throw error;
    events.emit('blob.broken', { sha256: index.sha256, reason: `it ${error.fields.reason}` });
    return false;
  }
}

/** Programs were switched on, or given a source, or more is prefetched since this generation was made: the same index asks for more. */
async function lacks(generation: Generation, { programSources, prefetches, store }: UpdateContext): Promise<boolean> {
  const { objects, onDemand, absent } = generation;
  if (onDemand.some(prefetches)) return true;
  if (programSources.length === 0 || absent.length > 0) return false;
  if ([...objects, ...onDemand].some((object) => object.kind === 'program')) return false;
  return parseManifest(await store.blobs.read(generation.index)).programs.length > 0;
}

/**
 * Asks once more for the index before its set is published: had a release begun meanwhile, some of the objects could be
 * of the next moment under the same names. Answers `before` with its newer provenance when nothing moved, else the new index. When the index is missing, staged
 * signatures are forgotten: any of them may be of either side of the release.
 */
export async function confirmIndex(
  source: UpdateSource,
  before: FetchedIndex,
  context: UpdateContext,
  signal: AbortSignal,
): Promise<FetchedIndex> {
  const { staging } = context.store;
  try {
    const answer = await askForIndex(source, before.index, context, signal);
    const moved = answer.state === 'fetched' && !before.manifest.bytes.equals(answer.bytes);
    if (!moved) return { ...before, provenance: provenanceOf(answer) };
    const later = parsed(answer, context);
    await judgeIndex(source, later, { mayBeLate: false }, context);
    return later;
  } catch (error) {
    if (isRelayError(error, 'RLY_UPDATE_INDEX_MISSING')) await staging.retain((o) => o.kind !== 'signature');
    throw error;
  }
}

const provenanceOf = ({ confirmedAt, relays }: Provenance): Provenance => ({ confirmedAt, relays });

function parsed(answer: Extract<IndexAnswer, { state: 'fetched' }>, { store }: UpdateContext): FetchedIndex {
  const { bytes, etag, lastModified } = answer;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const manifest = parseManifest(bytes, { maxTotal: store.usage().maxBytes });
  const index = { sha256, size: bytes.length, etag, lastModified };
  return { manifest, index, provenance: provenanceOf(answer) };
}
