import { readFile, writeFile } from 'node:fs/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Validators } from '../upstream/upstream.ts';
import { onDisk } from './on-disk.ts';

const Text = Type.Union([Type.String(), Type.Null()]);
const PartNoteSchema = Type.Object({ identity: Type.String(), etag: Text, lastModified: Text });

/** Writes down which object a part belongs to, and what binds its bytes. Throws RLY_AGENT_FOLDER. */
export async function writePartNote(path: string, identity: string, { etag, lastModified }: Validators): Promise<void> {
  await onDisk(path, () => writeFile(path, JSON.stringify({ identity, etag, lastModified })));
}

/** What binds the bytes of a part; null when the note is missing, torn, or of another object. */
export async function readPartNote(path: string, identity: string): Promise<Validators | null> {
  try {
    const note = Value.Parse(PartNoteSchema, JSON.parse(await readFile(path, 'utf8')));
    return note.identity === identity ? note : null;
  } catch {
    return null;
  }
}
