/** Buffers used again and again: fresh ones of such sizes come from the system, zeroed, and are collected late. */
export interface BufferPool {
  /** Bytes of the next buffer that is taken. */
  readonly size: number;
  take(): Buffer;
  /** Nothing may touch the buffer afterwards. */
  give(buffer: Buffer): void;
  /** The buffer may still be read from, by a connection that has ended: it is left to the collector. */
  lose(buffer: Buffer): void;
}

/**
 * Buffers of `size` bytes, or of `sizeInCrowd` while `many` are taken, so that memory grows slowly with the number of downloads. Up to
 * `many` idle ones of each are kept.
 */
export function createBufferPool(size: number, many: number, sizeInCrowd = size): BufferPool {
  const idle = new Map<number, Buffer[]>([size, sizeInCrowd].map((bytes) => [bytes, []]));
  let taken = 0;
  return {
    get size() {
      return taken < many ? size : sizeInCrowd;
    },
    take() {
      const bytes = this.size;
      taken += 1;
      return idle.get(bytes)?.pop() ?? Buffer.allocUnsafeSlow(bytes);
    },
    give(buffer) {
      taken -= 1;
      const like = idle.get(buffer.length);
      if (like && like.length < many) like.push(buffer);
    },
    lose() {
      taken -= 1;
    },
  };
}
