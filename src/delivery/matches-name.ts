import { createHash } from 'node:crypto';
import type { BlobReader } from '../ports/store.ts';

/** Bytes a read. */
const CHUNK = 1024 * 1024;

/** Reads a blob from end to end and tells whether its hash is its name. Throws what the reader throws. */
export async function matchesName(reader: BlobReader): Promise<boolean> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(CHUNK);
  for (let position = 0; position < reader.size; position += CHUNK) {
    const got = await reader.read(buffer, position);
    hash.update(buffer.subarray(0, got));
  }
  return hash.digest('hex') === reader.sha256;
}
