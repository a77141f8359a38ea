import type { Manifest } from '../manifest/model.ts';
import { componentFiles } from '../manifest/versions.ts';
import type { GenerationIndex } from '../ports/generation.ts';
import type { Provenance } from '../ports/provenance.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { UpdateContext } from './context.ts';
import { measureFor } from './measure.ts';
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
  const { allow, events } = context;
  const { current, before, mark } = await measureFor(source.url, context);
  const isElsewhere = current?.source !== source.url;
  const { older, shrunk, isBehind } = judgeRatchet({
    url: `${source.url}/server.ini`,
    found: { files: componentFiles(manifest), lastModified: isElsewhere ? null : index.lastModified },
    held: { versions: mark.versions, lastModified: current?.index.lastModified ?? null },
    before,
    listed: mark.listed.get(source.url) ?? [],
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
