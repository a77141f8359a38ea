import { createHash } from 'node:crypto';
import type { BlobWriter } from '../ports/store.ts';

/**
 * A writer for an object that finds no room on disk: its bytes pass through memory, are proven there, and become no blob.
 * `buffer` has the size of the object, and the first `here` bytes of it already.
 */
export function memoryWriter(buffer: Buffer, here = 0): BlobWriter {
  let size = here;
  return {
    get size() {
      return size;
    },
    found: null,
    async note() {},
    async write(chunk) {
      buffer.set(chunk, size);
      size += chunk.length;
    },
    async read(target, position) {
      return buffer.copy(target, 0, position, size);
    },
    async restart() {
      size = 0;
    },
    async commit() {
      return { sha256: createHash('sha256').update(buffer).digest('hex'), size };
    },
    async abort() {},
    async keep() {},
  };
}
