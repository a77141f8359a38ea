import { randomUUID } from 'node:crypto';
import type { Note } from '../ports/notes.ts';
import { isRelayName } from '../ports/via.ts';

/**
 * The name of the relay that has this note: made once, and the same after each restart, so that what it has sent under it
 * is known as its own whenever that comes back.
 */
export function relayName(note: Note): string {
  if (isRelayName(note.known)) return note.known;
  const name = `relay-${randomUUID()}`;
  note.keep(name);
  return name;
}
