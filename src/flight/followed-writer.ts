import type { Blob, BlobStore, BlobWriter } from '../ports/store.ts';

/**
 * A writer whose bytes are read by others while they come, and when they have become a blob: to whoever reads, the commit is
 * no event. The writer itself is closed by then, before the blob has its name.
 */
export function followedWriter(writer: BlobWriter, blobs: Pick<BlobStore, 'open'>): BlobWriter {
  let committing: Promise<Blob> | null = null;
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
      return committing;
    },
    async read(target, position) {
      if (!committing) return writer.read(target, position);
      // Not kept open: few are still reading by then, and nobody says when the last one is through.
      await using reader = await blobs.open(await committing);
      return reader.read(target, position);
    },
  };
}
