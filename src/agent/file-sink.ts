import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HomeSink } from './home.ts';
import { onDisk } from './on-disk.ts';

// Appending, so that a restart needs no seek; a link left in the folder is not followed out of it.
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND | constants.O_NOFOLLOW;

/** A sink that writes `<path>.part` and gives it its name when it is whole. Throws RLY_AGENT_FOLDER. */
export async function fileSink(path: string): Promise<HomeSink> {
  const part = `${path}.part`;
  await onDisk(dirname(part), () => mkdir(dirname(part), { recursive: true }));
  const file = await onDisk(part, () => open(part, FLAGS));
  let hash = createHash('sha256');
  let size = 0;
  let committed = false;
  return {
    get size() {
      return size;
    },
    async write(chunk) {
      await onDisk(part, () => file.appendFile(chunk));
      hash.update(chunk);
      size += chunk.length;
    },
    async restart() {
      await onDisk(part, () => file.truncate());
      hash = createHash('sha256');
      size = 0;
    },
    async commit() {
      // The name promises the whole, also after a power cut.
      await onDisk(part, () => file.datasync());
      await file.close();
      await onDisk(path, () => rename(part, path));
      committed = true;
      return hash.digest('hex');
    },
    async abort() {
      if (committed) return;
      await file.close();
      await rm(part, { force: true });
    },
  };
}
