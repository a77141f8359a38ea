import type { Blob, BlobStore, BlobWriter, RandomReader } from '../ports/store.ts';

/** A writer whose bytes are read while they come, and when they have become a blob: to whoever reads, the commit is no event. */
export interface FollowedWriter extends Pick<RandomReader, 'read'> {
  /** As the writer's own. */
  commit(announce?: (blob: Blob) => Promise<void>): Promise<Blob>;
}

export function followWriter(writer: BlobWriter, blobs: Pick<BlobStore, 'open'>): FollowedWriter {
  let committing: Promise<Blob> | null = null;
  return {
    commit(announce) {
      committing = writer.commit(announce);
      return committing;
    },
    async read(target, position) {
      // Once it is being committed the writer is closed as soon as its last read is through.
      if (!committing) return writer.read(target, position);
      // Not kept open: few are still reading by then, and nobody says when the last one is through.
      await using reader = await blobs.open(await committing);
      return reader.read(target, position);
    },
  };
}
