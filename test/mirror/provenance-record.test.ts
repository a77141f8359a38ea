import t from 'tap';
import { createProvenanceRecord } from '../../src/mirror/provenance-record.ts';
import type { Note } from '../../src/ports/notes.ts';
import { handClock } from '../support/hand-clock.ts';

const MINUTE = 60_000;
const CURRENT = 'a'.repeat(64);
const RELAY = 'relay-00000000-0000-4000-8000-000000000001';
const publishedAt = new Date(Date.UTC(2024, 6, 1)).toISOString();
/** The current generation as far as it matters here. */
const generations = (sha256: string | undefined = CURRENT) => ({
  current: () =>
    sha256 === undefined
      ? undefined
      : {
          number: 1,
          publishedAt,
          source: 'http://ua1.example.com/activeupdate',
          index: { sha256, size: 1, etag: null, lastModified: null },
          objects: [],
          onDemand: [],
          absent: [],
        },
});

function note(known?: unknown): Note & { readonly kept: readonly unknown[] } {
  const kept: unknown[] = [];
  return { known, kept, keep: (value) => void kept.push(value) };
}

t.test('without a generation there is nothing to know; without a note, when it was published', async (t) => {
  const clock = handClock();
  t.equal(createProvenanceRecord({ current: () => undefined }, clock, note()).current(), null);
  const published = { confirmedAt: Date.parse(publishedAt), relays: [] };
  t.strictSame(createProvenanceRecord(generations(), clock, note()).current(), published);
  for (const known of [{ index: 'b'.repeat(64), confirmedAt: 7, relays: [] }, { index: CURRENT }, 'nonsense']) {
    t.strictSame(createProvenanceRecord(generations(), clock, note(known)).current(), published, JSON.stringify(known));
  }
});

t.test('a later confirmation counts, an earlier one of another source does not; over a restart too', async (t) => {
  const clock = handClock();
  const first = note();
  const record = createProvenanceRecord(generations(), clock, first);
  clock.advance(60 * MINUTE);
  const straight = { confirmedAt: clock.now() - 5 * MINUTE, relays: [] };
  record.confirmed(CURRENT, straight);
  t.match(record.current(), straight);
  record.confirmed(CURRENT, { confirmedAt: straight.confirmedAt - 1, relays: [RELAY] });
  record.confirmed(CURRENT, { confirmedAt: straight.confirmedAt, relays: [RELAY] });
  t.match(record.current(), straight, 'a relay that has heard nothing newer adds nothing');
  t.equal(first.kept.length, 1);

  const again = createProvenanceRecord(generations(), clock, note(first.kept[0]));
  t.match(again.current(), straight);
  const tiered = { confirmedAt: clock.now() - MINUTE, relays: [RELAY] };
  again.confirmed(CURRENT, tiered);
  t.match(again.current(), tiered);
});

t.test('a new index is as old as its source says, be the one before ever so fresh', async (t) => {
  const clock = handClock();
  const record = createProvenanceRecord(generations('b'.repeat(64)), clock, note());
  record.confirmed(CURRENT, { confirmedAt: clock.now(), relays: [] });
  record.confirmed('b'.repeat(64), { confirmedAt: clock.now() - 60 * MINUTE, relays: [] });
  t.match(record.current(), { confirmedAt: clock.now() - 60 * MINUTE });
});

t.test('what was confirmed in the future, by a clock that was wrong, gives way to the next', async (t) => {
  const clock = handClock();
  const record = createProvenanceRecord(
    generations(),
    clock,
    note({ index: CURRENT, confirmedAt: clock.now() + 60 * MINUTE, relays: [] }),
  );
  record.confirmed(CURRENT, { confirmedAt: clock.now(), relays: [] });
  t.match(record.current(), { confirmedAt: clock.now() });
});
