import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isSystemError, storageError } from './system-error.ts';

/** On a bad sector. */
export const UNREADABLE = 'cannot be read from the disk (EIO)';

/** The reason of a name that names nothing. */
export const IS_GONE = 'is gone';

/** Why a name cannot be read as a file; each completes the sentence "it …". All other refusals of the system are thrown. */
const UNUSABLE: Readonly<Record<string, string>> = {
  ENOENT: IS_GONE,
  ENOTDIR: IS_GONE,
  ELOOP: 'is a link',
  EISDIR: 'is no regular file',
  ENXIO: 'is no regular file',
  EIO: UNREADABLE,
};

export type Opened = { readonly file: FileHandle; readonly size: number } | { readonly reason: string };

/**
 * Opens a regular file for reading, or says why not. O_NOFOLLOW: a link in the store is an attack or a mistake;
 * O_NONBLOCK: opening a FIFO would wait for a writer for ever.
 * Throws the errors of `naming`.
 */
export async function openPlainFile(path: string): Promise<Opened> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stats = await closingUnless(file, () => file.stat());
    if (stats.isFile()) return { file, size: stats.size };
    await file.close();
    return { reason: 'is no regular file' };
  } catch (error) {
    return { reason: unusable(error, path) };
  }
}

/** Does something with an open file; where that cannot be done, the file is closed. */
export async function closingUnless<T>(file: FileHandle, done: () => Promise<T>): Promise<T> {
  try {
    return await done();
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The whole of a small file, or why it cannot be had. Throws the errors of `naming`. */
export async function readPlainFile(path: string): Promise<{ readonly bytes: Buffer } | { readonly reason: string }> {
  const opened = await openPlainFile(path);
  if ('reason' in opened) return opened;
  await using file = opened.file;
  try {
    return { bytes: await file.readFile() };
  } catch (error) {
    return { reason: unusable(error, path) };
  }
}

function unusable(error: unknown, path: string): string {
  const reason = isSystemError(error) ? UNUSABLE[error.code] : undefined;
  if (reason === undefined) throw storageError(error, path);
  return reason;
}
