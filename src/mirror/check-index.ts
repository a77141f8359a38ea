import { createHash } from 'node:crypto';
import { isRelayError, RelayError } from '../errors/relay-error.ts';
import { parseManifest } from '../manifest/manifest.ts';
import type { Manifest } from '../manifest/model.ts';
import type { Generation, GenerationIndex } from '../ports/generation.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { IndexAnswer, Validators } from '../upstream/upstream.ts';
import type { UpdateContext } from './context.ts';
import { identityOf } from './plan.ts';

/** The index of one moment at one source, parsed. */
export interface FetchedIndex {
  readonly manifest: Manifest;
  readonly index: GenerationIndex;
}

/** The index at `source`, or null when it is the one of the current generation. One request, conditional where it can be. */
export async function checkIndex(
  source: UpdateSource,
  current: Generation | undefined,
  context: UpdateContext,
  signal: AbortSignal,
): Promise<FetchedIndex | null> {
  const wholeHere = current !== undefined && !(await lacksPrograms(current, context));
  // Validators of one source say nothing about another's index.
  const validators = wholeHere && current.source === source.url ? current.index : null;
  const answer = await askForIndex(source, validators, context, signal);
  if (answer.state === 'unchanged') return null;
  const fetched = parsed(answer, context);
  return wholeHere && current.index.sha256 === fetched.index.sha256 ? null : fetched;
}

/** mirror.items.programs was switched on after this generation was made: the same index now asks for more. */
async function lacksPrograms(generation: Generation, { programs, store }: UpdateContext): Promise<boolean> {
  if (!programs || generation.absent.length > 0) return false;
  if (generation.objects.some((object) => object.kind === 'program')) return false;
  return parseManifest(await store.blobs.read(generation.index)).programs.length > 0;
}

/**
 * Asks once more for the index before its set is published: had a release begun meanwhile, some of the objects could be
 * of the next moment under the same names. Null when nothing moved; else the new index, and what was staged from names
 * that it lists differently is forgotten, as are all signatures.
 */
export async function confirmIndex(
  source: UpdateSource,
  before: FetchedIndex,
  context: UpdateContext,
  signal: AbortSignal,
): Promise<FetchedIndex | null> {
  const { staging } = context.store;
  try {
    const answer = await askForIndex(source, before.index, context, signal);
    if (answer.state === 'unchanged' || before.manifest.bytes.equals(answer.bytes)) return null;
    const later = parsed(answer, context);
    const listed = new Set(later.manifest.objects.map(identityOf));
    await staging.retain((object) => object.kind !== 'signature' && listed.has(identityOf(object)));
    return later;
  } catch (error) {
    if (isRelayError(error, 'RLY_UPDATE_INDEX_MISSING')) await staging.retain((o) => o.kind !== 'signature');
    throw error;
  }
}

async function askForIndex(
  source: UpdateSource,
  validators: Validators | null,
  { upstream }: UpdateContext,
  signal: AbortSignal,
): Promise<IndexAnswer> {
  try {
    return await upstream.fetchIndex(source, validators, signal);
  } catch (error) {
    if (!isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND')) throw error;
    throw new RelayError('RLY_UPDATE_INDEX_MISSING', { url: `${source.url}/server.ini` }, { cause: error });
  }
}

function parsed(
  { bytes, etag, lastModified }: Extract<IndexAnswer, { state: 'fetched' }>,
  { store }: UpdateContext,
): FetchedIndex {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const manifest = parseManifest(bytes, { maxTotal: store.usage().maxBytes });
  return { manifest, index: { sha256, size: bytes.length, etag, lastModified } };
}
