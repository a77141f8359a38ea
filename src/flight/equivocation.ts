import { createHash } from 'node:crypto';
import { RelayError } from '../errors/relay-error.ts';
import type { Events } from '../ports/events.ts';
import type { GenerationObject } from '../ports/generation.ts';
import type { RandomReader, SeenContent, Store } from '../ports/store.ts';
import type { UpdateSource } from '../upstream/source.ts';
import { requestTarget } from '../upstream/request-url.ts';
import { identityOf, type Identifiable } from './fetch-item.ts';

/**
 * Holds content that is whole against what came under its identity before, from whatever source. The same path, version
 * and size with other bytes is one of two lies: nobody releases a version twice. Throws RLY_UPSTREAM_EQUIVOCATION after an
 * alarm. A signature has neither version nor listed size, and is another at each release: of those nothing is known.
 */
export async function refuseEquivocation(
  content: RandomReader,
  item: Identifiable,
  source: UpdateSource,
  { store, events }: { readonly store: Pick<Store, 'identities'>; readonly events: Events },
): Promise<void> {
  const expected = item.kind === 'signature' ? undefined : store.identities.get(identityOf(item));
  // Most content is new: only what has been here before is read a second time.
  if (expected === undefined) return;
  const found = await hashOf(content);
  if (found === expected) return;
  const { url } = requestTarget(source.url, item.path);
  const error = new RelayError('RLY_UPSTREAM_EQUIVOCATION', { url, found, expected });
  events.emit('source.suspect', { source: source.url, code: error.code, error: error.message });
  throw error;
}

/**
 * Holds content that is whole against the one that is to come anew, where that is known. Another is of another moment: a
 * signature has no version, so its source may have the next one by now. Throws RLY_OBJECT_CHANGED.
 */
export async function refuseOther(
  content: RandomReader,
  { path, expected }: { readonly path: string; readonly expected: string | undefined },
  source: UpdateSource,
): Promise<void> {
  if (expected === undefined) return;
  const found = await hashOf(content);
  if (found === expected) return;
  throw new RelayError('RLY_OBJECT_CHANGED', { url: requestTarget(source.url, path).url, found, expected });
}

/** What of these objects is to be remembered. */
export function seenContents(objects: readonly GenerationObject[]): SeenContent[] {
  return objects
    .filter(({ kind }) => kind !== 'signature')
    .map((object) => ({ identity: identityOf(object), sha256: object.sha256 }));
}

/** Bytes read at a time. */
const CHUNK = 256 * 1024;

async function hashOf(content: RandomReader): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(Math.min(content.size, CHUNK));
  for (let position = 0; position < content.size;) {
    const read = await content.read(buffer.subarray(0, content.size - position), position);
    hash.update(buffer.subarray(0, read));
    position += read;
  }
  return hash.digest('hex');
}
