import { Readable } from 'node:stream';
import { RandomAccessReader } from 'yauzl';
import type { RandomReader } from '../ports/store.ts';

/** Bytes read at a time: few calls for a pattern of 65 MB, and no long stop for anybody else. */
const CHUNK = 256 * 1024;

/** A `RandomReader` as yauzl wants it. */
export class ZipSource extends RandomAccessReader {
  /** The first error of the reader itself: whatever yauzl says about the archive after that means nothing. */
  failure: unknown = null;
  readonly #reader: RandomReader;

  constructor(reader: RandomReader) {
    super();
    this.#reader = reader;
  }

  /** Bytes. */
  get size(): number {
    return this.#reader.size;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#chunks(start, end), { objectMode: false });
  }

  async *#chunks(start: number, end: number): AsyncGenerator<Buffer> {
    for (let position = start; position < end; position += CHUNK) {
      yield await this.slice(position, Math.min(CHUNK, end - position));
    }
  }

  /** Up to `length` bytes from `position`, fewer only at the end. */
  async slice(position: number, length: number): Promise<Buffer> {
    // A damaged archive points anywhere; only what lies inside is the reader's business.
    if (position >= this.size) return Buffer.alloc(0);
    const target = Buffer.allocUnsafe(length);
    try {
      return target.subarray(0, await this.#reader.read(target, position));
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
  }
}
