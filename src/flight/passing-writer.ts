import { isRelayError } from '../errors/relay-error.ts';
import type { BlobWriter } from '../ports/store.ts';
import type { TakeWriter } from './followed-writer.ts';
import { memoryWriter } from './memory-writer.ts';

/** A writer, and where its bytes are. */
export interface PassingWriter {
  readonly writer: TakeWriter;
  /** Whether they are on disk, or become a blob there; false once they only pass through memory. */
  readonly isOnDisk: () => boolean;
}

/**
 * Writes to the disk for as long as that takes the bytes. When it takes no more, because it is full or broken, they pass
 * through memory from there on: those who follow the download notice nothing. `buffer` has the size of the object, and
 * holds each byte before it is written.
 */
export function passingWriter(disk: BlobWriter, buffer: Buffer): PassingWriter {
  let writer = disk;
  /** Whether a byte was written: from then on the buffer holds all of it, also what a part began with. */
  let begun = false;

  /** Has it done by the disk; if that cannot, in memory, where `here` bytes are by then. */
  async function doing<T>(task: (writer: BlobWriter) => Promise<T>, here = writer.size): Promise<T> {
    try {
      return await task(writer);
    } catch (error) {
      if (!isRelayError(error) || error.fault !== 'storage') throw error;
      if (writer === disk) {
        writer = memoryWriter(buffer, here);
        // It gives room back, where it can.
        await disk.abort();
      }
      return task(writer);
    }
  }

  return {
    isOnDisk: () => writer === disk,
    writer: {
      get size() {
        return writer.size;
      },
      found: disk.found,
      write(chunk) {
        begun = true;
        return doing((to) => to.write(chunk));
      },
      note: (from) => doing((to) => to.note(from)),
      restart: () => doing((to) => to.restart()),
      commit: (announce) => doing((to) => to.commit(announce)),
      // The disk may say only here what it could not write.
      read: (target, position) => (begun ? doing((to) => to.read(target, position)) : writer.read(target, position)),
      abort: () => writer.abort(),
      keep: () => writer.keep(),
    },
  };
}
