import type { FileHandle } from 'node:fs/promises';
import { isRelayError, RelayError } from '../src/errors/relay-error.ts';
import type { Blob, BlobReader } from '../src/ports/store.ts';
import { openPlainFile, UNREADABLE } from './plain-file.ts';
import { readFully } from './read-fully.ts';
import { naming } from './system-error.ts';

/** What the store learns of an open blob. */
export interface Reading {
  /** It lies on a bad sector: what is written anew gets another one. */
  readonly onUnreadable?: () => void;
  /** Called once. */
  readonly onClose?: () => void;
}

/**
 * Opens the file of a blob and keeps to what it promises: a regular file of the right size, never fewer bytes than that.
 * Throws RLY_STORAGE_BLOB_BROKEN, also where the disk gives a sector back no more (EIO).
 */
export async function openBlobReader(path: string, blob: Blob, reading: Reading = {}): Promise<BlobReader> {
  const opened = await openPlainFile(path);
  if ('reason' in opened) {
    if (opened.reason === UNREADABLE) reading.onUnreadable?.();
    throw broken(blob, opened.reason);
  }
  if (opened.size !== blob.size) {
    await opened.file.close();
    throw broken(blob, `has ${opened.size} bytes, expected ${blob.size}`);
  }
  return blobReader(opened.file, path, blob, reading);
}

export const broken = (blob: Blob, reason: string): RelayError<'RLY_STORAGE_BLOB_BROKEN'> =>
  new RelayError('RLY_STORAGE_BLOB_BROKEN', { sha256: blob.sha256, reason });

function blobReader(
  file: FileHandle,
  path: string,
  { sha256, size }: Blob,
  { onUnreadable, onClose }: Reading,
): BlobReader {
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    onClose?.();
    await file.close();
  };
  return {
    sha256,
    size,
    async read(target, position) {
      const wanted = target.subarray(0, Math.max(0, size - position));
      const found = await naming(path, () => readFully(file, wanted, position)).catch((error: unknown) => {
        if (!isRelayError(error, 'RLY_STORAGE_IO') || error.fields.code !== 'EIO') throw error;
        onUnreadable?.();
        throw broken({ sha256, size }, UNREADABLE);
      });
      // Truncated behind our back: an error, so that an answer is cut and never short.
      if (found < wanted.length) throw broken({ sha256, size }, `ends at byte ${position + found}, expected ${size}`);
      return found;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
