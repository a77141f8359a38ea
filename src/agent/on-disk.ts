import { RelayError } from '../errors/relay-error.ts';

/** Runs `work` on the file or folder at `path`. What the system refuses becomes RLY_AGENT_FOLDER. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new RelayError('RLY_AGENT_FOLDER', { path, reason: String(cause) }, { cause });
  }
}
