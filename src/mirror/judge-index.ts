import { isRelayError } from '../errors/relay-error.ts';
import { parseManifest } from '../manifest/manifest.ts';
import type { Manifest } from '../manifest/model.ts';
import { componentFiles, type ComponentFiles } from '../manifest/versions.ts';
import type { Generation, GenerationIndex } from '../ports/generation.ts';
import type { Provenance } from '../ports/provenance.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { UpdateContext } from './context.ts';
import { judgeRatchet } from './ratchet.ts';

/** The index of one moment at one source, parsed. */
export interface FetchedIndex {
  readonly manifest: Manifest;
  readonly index: GenerationIndex;
  readonly provenance: Provenance;
}

/**
 * Whether an index that is not the current generation's may follow it: `take` it, or it is that of another source that is
 * merely `late`, where that may be. Throws RLY_UPDATE_OLDER and RLY_UPDATE_SHRUNK, after an alarm; what an administrator
 * allows for this update is told and taken.
 */
export async function judgeIndex(
  source: UpdateSource,
  { manifest, index }: FetchedIndex,
  { mayBeLate }: { readonly mayBeLate: boolean },
  context: UpdateContext,
): Promise<'take' | 'late'> {
  const { store, allow, events } = context;
  const current = store.generations.current();
  if (!current) return 'take';
  const isElsewhere = current.source !== source.url;
  // Two sources may offer different selections: what this one listed the last time is the better measure.
  const before = store.generations.list().find((generation) => generation.source === source.url) ?? current;
  const { older, shrunk, isBehind } = judgeRatchet({
    url: `${source.url}/server.ini`,
    found: { files: componentFiles(manifest), lastModified: isElsewhere ? null : index.lastModified },
    held: {
      files: await heldFiles(current, context),
      lastModified: current.index.lastModified,
      generation: current.number,
    },
    before: { files: await heldFiles(before, context), generation: before.number },
  });
  // Sources are rarely of one moment: an Update Agent that is an hour behind the server must not take back what the
  // server brought while it was away, and is no attacker.
  if (mayBeLate && isElsewhere && isBehind && !allow?.older) return 'late';
  for (const [error, isAllowed] of [
    [older, allow?.older],
    [shrunk, allow?.shrink],
  ] as const) {
    if (!error) continue;
    const { code, message } = error;
    if (allow && isAllowed) {
      events.emit('source.allowed', { source: source.url, code, error: message, reason: allow.reason });
    } else {
      events.emit('source.suspect', { source: source.url, code, error: message });
      throw error;
    }
  }
  return 'take';
}

async function heldFiles(generation: Generation, { store }: UpdateContext): Promise<ComponentFiles> {
  try {
    return componentFiles(parseManifest(await store.blobs.read(generation.index)));
  } catch (error) {
    // A damaged index is no way around the ratchet: what the generation holds says nearly the same.
    if (!isRelayError(error, 'RLY_STORAGE_BLOB_BROKEN')) throw error;
    return [...generation.objects, ...generation.onDemand];
  }
}
