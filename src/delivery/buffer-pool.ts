/** Buffers of one size, used again and again: fresh ones of this size come from the system, zeroed, and are collected late. */
export interface BufferPool {
  /** Bytes of each buffer. */
  readonly size: number;
  take(): Buffer;
  /** Nothing may touch the buffer afterwards. */
  give(buffer: Buffer): void;
}

/** Keeps up to `keep` idle buffers of `size` bytes. */
export function createBufferPool(size: number, keep: number): BufferPool {
  const idle: Buffer[] = [];
  return {
    size,
    take: () => idle.pop() ?? Buffer.allocUnsafeSlow(size),
    give(buffer) {
      if (idle.length < keep) idle.push(buffer);
    },
  };
}
