import { createHash } from 'node:crypto';
import { isRelayError } from '../src/errors/relay-error.ts';
import type { BlobReader, Pace } from '../src/ports/store.ts';

/** Bytes a read: large enough for the disk, small enough that a slow walk reads it in a moment and then rests. */
const PIECE = 256 * 1024;

const atOnce: Pace = async () => {};

/**
 * Reads a blob from end to end, piece by piece, and answers why it is not what its name says, or null. Throws what the
 * system refuses, and what `pace` throws.
 */
export async function flawOf(open: () => Promise<BlobReader>, pace = atOnce): Promise<string | null> {
  try {
    await using reader = await open();
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafeSlow(Math.max(1, Math.min(PIECE, reader.size)));
    for (let position = 0; position < reader.size;) {
      const got = await reader.read(piece, position);
      hash.update(piece.subarray(0, got));
      position += got;
      await pace(got);
    }
    const found = hash.digest('hex');
    return found === reader.sha256 ? null : `has the hash ${found}`;
  } catch (error) {
    if (isRelayError(error, 'RLY_STORAGE_BLOB_BROKEN')) return String(error.fields.reason);
    throw error;
  }
}
