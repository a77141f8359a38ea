import type { RandomReader } from '../../src/ports/store.ts';

/** A buffer to be read at any position; `onRead` may throw in place of the disk. */
export function bufferReader(bytes: Buffer, onRead: () => void = () => {}): RandomReader {
  return {
    size: bytes.length,
    async read(target, position) {
      onRead();
      return bytes.copy(target, 0, position);
    },
  };
}
