import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileSink } from './file-sink.ts';
import type { Home } from './home.ts';
import { onDisk } from './on-disk.ts';
import { readState, writeState } from './state.ts';

/** Beside the tree of objects, so that the folder can be moved as it is. */
const STATE_FILE = 'agent.json';

/**
 * The home of an agent that keeps what it fetches, as the index names it, in `folder`; made where it is missing.
 * Throws RLY_AGENT_FOLDER, RLY_AGENT_STATE.
 */
export async function folderHome(folder: string): Promise<Home> {
  const statePath = join(folder, STATE_FILE);
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  const state = await readState(statePath);
  return {
    versions: new Map(Object.entries(state.versions)),
    async find({ path, key, version, size }) {
      const known = state.objects[key];
      if (known?.version !== version || known.size !== size) return null;
      // Somebody may have been at the folder since.
      return (await hashOf(join(folder, path))) === known.sha256 ? known.sha256 : null;
    },
    // The manifest has refused every path that is absolute or climbs.
    open: (path, identity) => fileSink(join(folder, path), identity),
    async save(versions, fetched) {
      const objects = { ...state.objects };
      for (const { object, sha256 } of fetched) {
        objects[object.key] = { version: object.version, size: object.size, sha256 };
      }
      await writeState(statePath, { versions: Object.fromEntries(versions), objects });
    },
  };
}

async function hashOf(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch {
    // Gone or unreadable: not here. Fetching it again says what is wrong, if it still is.
    return null;
  }
  return hash.digest('hex');
}
