import type { Blob, BlobReader, BlobStore, BlobWriter } from '../ports/store.ts';

/** A writer whose bytes others read. */
export interface FollowedWriter extends BlobWriter {
  /** Says that somebody reads, until the answer is called: as long as anybody does, its blob is open and goes for nobody’s room. */
  follow(): () => void;
}

/** One that has no followers to know of has its bytes in memory. */
export type TakeWriter = BlobWriter & Partial<Pick<FollowedWriter, 'follow'>>;

/**
 * A writer whose bytes are read by others while they come, and when they have become a blob: to whoever reads, the commit is
 * no event. The writer itself is closed by then, before the blob has its name.
 */
export function followedWriter(writer: BlobWriter, blobs: Pick<BlobStore, 'open'>): FollowedWriter {
  let committing: Promise<Blob> | null = null;
  let followers = 0;
  let held: Promise<BlobReader> | null = null;

  const open = async (blob: Promise<Blob>): Promise<BlobReader> => blobs.open(await blob);

  function hold(): void {
    if (held || !committing || followers === 0) return;
    held = open(committing);
    held.catch(() => {}); // told to whoever reads
  }

  function letGo(): void {
    held?.then((reader) => reader.close()).catch(() => {}); // what was read is right all the same
    held = null;
  }

  return {
    get size() {
      return writer.size;
    },
    found: writer.found,
    write: (chunk) => writer.write(chunk),
    note: (from) => writer.note(from),
    restart: () => writer.restart(),
    abort: () => writer.abort(),
    keep: () => writer.keep(),
    commit(announce) {
      committing = writer.commit(announce);
      hold();
      return committing;
    },
    async read(target, position) {
      if (!committing) return writer.read(target, position);
      if (held) return (await held).read(target, position);
      await using reader = await open(committing);
      return reader.read(target, position);
    },
    follow() {
      followers += 1;
      hold();
      let following = true;
      return () => {
        if (!following) return;
        following = false;
        followers -= 1;
        if (followers === 0) letGo();
      };
    },
  };
}
