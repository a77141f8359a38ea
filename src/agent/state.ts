import { readFile, rename, writeFile } from 'node:fs/promises';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { RelayError } from '../errors/relay-error.ts';
import { onDisk } from './on-disk.ts';

const AgentStateSchema = Type.Object({
  /** By component id. */
  versions: Type.Record(Type.String(), Type.String()),
  /** What lies in the folder whole, by `canonicalPath`: a name has one content at a time. */
  objects: Type.Record(
    Type.String(),
    Type.Object({
      version: Type.Union([Type.String(), Type.Null()]),
      size: Type.Integer({ minimum: 0 }),
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
  ),
});

/** What an agent remembers from one run to the next. */
export type AgentState = Static<typeof AgentStateSchema>;

/**
 * Reads the state at `path`; without a file the agent is new. Throws RLY_AGENT_STATE for a file that is no agent's state: it
 * may be somebody else's, so it is not written over. Throws RLY_AGENT_FOLDER.
 */
export async function readState(path: string): Promise<AgentState> {
  const text = await onDisk(path, () => readFile(path, 'utf8').catch(nullWhenMissing));
  if (text === null) return { versions: {}, objects: {} };
  try {
    return Value.Parse(AgentStateSchema, JSON.parse(text));
  } catch (cause) {
    throw new RelayError('RLY_AGENT_STATE', { path }, { cause });
  }
}

/** Writes the state; a reader sees the old or the new one. Throws RLY_AGENT_FOLDER. */
export async function writeState(path: string, state: AgentState): Promise<void> {
  await onDisk(path, async () => {
    await writeFile(`${path}.part`, `${JSON.stringify(state, null, 2)}\n`);
    await rename(`${path}.part`, path);
  });
}

function nullWhenMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
