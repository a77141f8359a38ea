import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Validators } from '../upstream/upstream.ts';
import type { HomeSink } from './home.ts';
import { onDisk } from './on-disk.ts';
import { readPartNote, writePartNote } from './part-note.ts';

// Appending, so that a restart needs no seek; a link left in the folder is not followed out of it.
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;

/**
 * A sink that writes `<path>.part` and gives it its name when it is whole. With an `identity` the part, and a note of what
 * binds it, outlive a run that failed or was killed, and the next one continues. Throws RLY_AGENT_FOLDER.
 */
export async function fileSink(path: string, identity: string | null): Promise<HomeSink> {
  const part = `${path}.part`;
  const notePath = `${part}.json`;
  await onDisk(dirname(part), () => mkdir(dirname(part), { recursive: true }));
  const file = await onDisk(part, () => open(part, FLAGS));
  let validators: Validators | null = identity === null ? null : await readPartNote(notePath, identity);
  let hash = createHash('sha256');
  let size = 0;
  let committed = false;

  async function clear(): Promise<void> {
    // The note first: bytes without one are never continued, a note without bytes binds nothing.
    await onDisk(notePath, () => rm(notePath, { force: true }));
    await onDisk(part, () => file.truncate());
    validators = null;
    hash = createHash('sha256');
    size = 0;
  }

  if (validators === null) await clear();
  else {
    await onDisk(part, async () => {
      for await (const chunk of createReadStream(part) as AsyncIterable<Buffer>) {
        hash.update(chunk);
        size += chunk.length;
      }
    });
  }

  return {
    get size() {
      return size;
    },
    get validators() {
      return validators;
    },
    async bind(now) {
      validators = now;
      if (identity !== null) await writePartNote(notePath, identity, now);
    },
    async write(chunk) {
      await onDisk(part, () => file.appendFile(chunk));
      hash.update(chunk);
      size += chunk.length;
    },
    restart: clear,
    async commit() {
      // The name promises the whole, also after a power cut.
      await onDisk(part, () => file.datasync());
      await file.close();
      await onDisk(path, () => rename(part, path));
      committed = true;
      await rm(notePath, { force: true });
      return hash.digest('hex');
    },
    async abort() {
      if (committed) return;
      await file.close();
      if (identity !== null && validators !== null && size > 0) return;
      await rm(part, { force: true });
      await rm(notePath, { force: true });
    },
  };
}
