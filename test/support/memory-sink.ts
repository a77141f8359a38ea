import type { ObjectSink } from '../../src/upstream/upstream.ts';

/** A sink that keeps what it is given, and tells when it has got so far. */
export interface MemorySink extends ObjectSink {
  readonly bytes: Buffer;
  readonly restarts: number;
  /** Resolves as soon as the sink holds `size` bytes or more. */
  reached(size: number): Promise<void>;
}

export function memorySink(initial: Uint8Array = Buffer.alloc(0)): MemorySink {
  let bytes = Buffer.from(initial);
  let restarts = 0;
  const waiting = new Map<() => void, number>();
  return {
    get bytes() {
      return bytes;
    },
    get size() {
      return bytes.length;
    },
    get restarts() {
      return restarts;
    },
    async write(chunk) {
      bytes = Buffer.concat([bytes, chunk]);
      for (const [resolve, size] of waiting) if (bytes.length >= size) resolve();
    },
    async restart() {
      bytes = Buffer.alloc(0);
      restarts += 1;
    },
    reached(size) {
      return new Promise((resolve) => {
        if (bytes.length >= size) resolve();
        else waiting.set(resolve, size);
      });
    },
  };
}
