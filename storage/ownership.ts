import type { Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { RelayError } from '../src/errors/relay-error.ts';
import type { Layout } from './layout.ts';
import { naming } from './system-error.ts';

/**
 * Whoever can write in the store decides what every agent installs: its checksums say what is whole, not who wrote it. So the
 * folder must belong to the relay's user, or to root as volumes do that a system has mounted, and nobody else may write in
 * it; and a store that is there must be one this user wrote. Throws RLY_STORAGE_OWNER. Where the system knows no users
 * nothing is looked at.
 */
export async function requireOwn(layout: Layout, uid: number | undefined = process.getuid?.()): Promise<void> {
  if (uid === undefined) return;
  const refuse = (reason: string): never => {
    throw new RelayError('RLY_STORAGE_OWNER', { path: layout.root, user: uid, reason });
  };
  const folder = await naming(layout.root, () => stat(layout.root));
  if (folder.uid !== uid && folder.uid !== 0) refuse(`it belongs to user ${folder.uid}`);
  if (folder.mode & 0o002) refuse('everybody on this host may write in it');
  const format = await naming(layout.format, () => statsOf(layout.format));
  if (format && format.uid !== uid) refuse(`${basename(layout.format)} in it belongs to user ${format.uid}`);
}

async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
