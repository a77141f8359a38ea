import { PART_FROM } from '../flight/open-writer.ts';
import { PULLED_PART, type PulledKind } from '../ports/pull-through.ts';
import type { BlobWriter, PartNote } from '../ports/store.ts';
import { strongValidator } from '../upstream/resume.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { ResourceHead } from '../upstream/upstream.ts';
import type { PullItem } from './allow-list.ts';
import { type StoredAnswer, validatorsOf } from './freshness.ts';
import { lifetimeOf } from './lifetime.ts';

/** What a download of a hot fix is gone on with by, also in another process. */
export interface PulledPart {
  readonly name: string;
  /** Binds its bytes to one content of one source. */
  readonly note: PartNote;
}

/**
 * The part that the bytes after `head` belong to; undefined where nothing would bind them to the rest, where the source forbids to keep
 * them, or they are soon fetched again. Domain settings are none: what is secret goes when it is not whole.
 */
export function pulledPart(
  { kind, key }: Pick<PullItem, 'kind' | 'key'>,
  { url: source }: Pick<UpdateSource, 'url'>,
  { length, fields, at }: ResourceHead & StoredAnswer,
): PulledPart | undefined {
  if (kind !== 'hotfix' || length === null || length < PART_FROM) return undefined;
  if (!lifetimeOf(kind, { fields, at }).storable) return undefined;
  const { etag, lastModified } = validatorsOf(fields);
  if (strongValidator({ etag, lastModified, date: fields['date'] ?? null }) === null) return undefined;
  return { name: `${PULLED_PART}${kind}\n${key}\n${source}`, note: { source, etag, lastModified } };
}

/** What a part is of, by its name; undefined for one that is no pulled item's. */
export function itemOfPart(name: string): { readonly kind: PulledKind; readonly key: string } | undefined {
  if (!name.startsWith(PULLED_PART)) return undefined;
  const [, kind, key = ''] = name.split('\n');
  return { kind: kind as PulledKind, key };
}

/** Has a writer begin with the bytes of its part, where they `mayGoOn` and were bound to the content that comes, and else with none. */
export async function bindPart(writer: BlobWriter, { note }: PulledPart, mayGoOn: boolean): Promise<void> {
  const { found } = writer;
  const isTheSame = found?.etag === note.etag && found.lastModified === note.lastModified;
  try {
    if (writer.size > 0 && !(mayGoOn && isTheSame)) await writer.restart();
    if (writer.size === 0) await writer.note(note);
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
