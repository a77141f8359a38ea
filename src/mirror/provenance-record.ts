import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Clock } from '../ports/clock.ts';
import type { Note } from '../ports/notes.ts';
import type { Provenance } from '../ports/provenance.ts';
import type { Store } from '../ports/store.ts';

const RECORD = Type.Object({
  /** SHA-256 of the index it is about. */
  index: Type.String(),
  confirmedAt: Type.Number(),
  relays: Type.Array(Type.String()),
});

/** What is known of the origin of what agents get. */
export interface ProvenanceRecord {
  /** Of the current generation; null while there is none. */
  current(): Provenance | null;
  /** A source has answered that this index (by its SHA-256) is what it has. */
  confirmed(index: string, by: Provenance): void;
}

/**
 * Remembers when the index that is served was last confirmed, over a restart too: what has grown old while the relay was
 * off is old. For the same index only a later confirmation counts, for a source may lag behind another. Without a note
 * of it, a generation was confirmed when it was published.
 */
export function createProvenanceRecord(
  { current }: Pick<Store['generations'], 'current'>,
  clock: Pick<Clock, 'now'>,
  note: Note,
): ProvenanceRecord {
  let record: Readonly<Static<typeof RECORD>> | null = Value.Check(RECORD, note.known) ? note.known : null;
  return {
    current() {
      const generation = current();
      if (!generation) return null;
      if (record?.index === generation.index.sha256) return record;
      return { confirmedAt: Date.parse(generation.publishedAt), relays: [] };
    },
    confirmed(index, { confirmedAt, relays }) {
      const before = record?.index === index ? record.confirmedAt : 0;
      // What lies in the future was noted under a clock that was wrong, or is now.
      if (before >= confirmedAt && before <= clock.now()) return;
      record = { index, confirmedAt, relays: [...relays] };
      note.keep(record);
    },
  };
}
