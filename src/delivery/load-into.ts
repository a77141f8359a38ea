import { createHash } from 'node:crypto';
import type { MemoryClaim } from '../ports/memory.ts';
import type { Blob, BlobStore } from '../ports/store.ts';

/** Bytes a read, and a step of the hash: others are answered in between. */
const PIECE = 1024 * 1024;

/** Reads a blob into the memory claimed for it, and keeps it there if its hash is its name. Rejects with what the reader throws. */
export async function loadInto(claim: MemoryClaim, blob: Blob, blobs: Pick<BlobStore, 'open'>): Promise<void> {
  try {
    await using reader = await blobs.open(blob);
    const hash = createHash('sha256');
    for (let at = 0; at < blob.size; at += PIECE) {
      const piece = claim.buffer.subarray(at, at + PIECE);
      await reader.read(piece, at);
      hash.update(piece);
    }
    if (hash.digest('hex') === blob.sha256) claim.keep(blob.sha256);
  } finally {
    // Nothing, once it is kept.
    claim.release();
  }
}
