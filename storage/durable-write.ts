import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FILE_MODE, type Layout, temporaryPath } from './layout.ts';
import { isSystemError, naming } from './system-error.ts';

/**
 * Puts `bytes` at `path`, whole or not at all, and durable when it resolves: temporary, fsync, rename, fsync of the folder.
 * Throws the errors of `naming`.
 */
export async function writeDurably(layout: Layout, path: string, bytes: Uint8Array): Promise<void> {
  await naming(path, () => replace(layout, path, bytes), bytes.length);
}

async function replace(layout: Layout, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = temporaryPath(layout);
  try {
    await writeNew(temporary, bytes);
    await moveOver(layout, temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await discard(temporary);
    throw error;
  }
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await createFile(path);
  await file.writeFile(bytes);
  await file.sync();
}

/** Removes a temporary. That this fails too is no second error to tell: the next start sweeps it. */
export async function discard(temporary: string): Promise<void> {
  await rm(temporary, { force: true }).catch(() => {});
}

/** A new file for reading and writing; never one that is there already, never through a link. */
export function createFile(path: string): Promise<FileHandle> {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  return open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
}

/** Renames over whatever lies at `to`. A folder, which rename does not replace, goes to `tmp` for the next start to sweep. */
export async function moveOver(layout: Layout, from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EISDIR') throw error;
    await rename(to, temporaryPath(layout));
    await rename(from, to);
  }
}

/** Makes new names in a folder survive a power loss (fsync(2): syncing the file does not sync its entry). */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync();
}
