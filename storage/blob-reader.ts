import type { FileHandle } from 'node:fs/promises';
import { RelayError } from '../src/errors/relay-error.ts';
import type { Blob, BlobReader } from '../src/ports/store.ts';
import { openPlainFile } from './plain-file.ts';
import { readFully } from './read-fully.ts';
import { naming } from './system-error.ts';

/**
 * Opens the file of a blob and keeps to what it promises: a regular file of the right size, never fewer bytes than that.
 * Throws RLY_STORAGE_BLOB_BROKEN. `onClose` runs once.
 */
export async function openBlobReader(path: string, blob: Blob, onClose: () => void): Promise<BlobReader> {
  const opened = await openPlainFile(path);
  if ('reason' in opened) throw broken(blob, opened.reason);
  if (opened.size !== blob.size) {
    await opened.file.close();
    throw broken(blob, `has ${opened.size} bytes, expected ${blob.size}`);
  }
  return blobReader(opened.file, path, blob, onClose);
}

export const broken = (blob: Blob, reason: string): RelayError<'RLY_STORAGE_BLOB_BROKEN'> =>
  new RelayError('RLY_STORAGE_BLOB_BROKEN', { sha256: blob.sha256, reason });

function blobReader(file: FileHandle, path: string, { sha256, size }: Blob, onClose: () => void): BlobReader {
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    onClose();
    await file.close();
  };
  return {
    sha256,
    size,
    async read(target, position) {
      const wanted = target.subarray(0, Math.max(0, size - position));
      const found = await naming(path, () => readFully(file, wanted, position));
      // Truncated behind our back: an error, so that an answer is cut and never short.
      if (found < wanted.length) throw broken({ sha256, size }, `ends at byte ${position + found}, expected ${size}`);
      return found;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
