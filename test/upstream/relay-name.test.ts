import t from 'tap';
import { isRelayName } from '../../src/ports/via.ts';
import { relayName } from '../../src/upstream/relay-name.ts';

t.test('a name is made once, and is the same from then on; what is none is replaced', async (t) => {
  const kept: unknown[] = [];
  const started = (known: unknown) => relayName({ known, keep: (value) => void kept.push(value) });
  const name = started(undefined);
  t.ok(isRelayName(name));
  t.strictSame(kept, [name]);
  t.equal(started(name), name);
  t.equal(kept.length, 1);
  for (const known of ['relay-of-mine', `${name}\r\nX: y`, 7, null, { name }]) t.not(started(known), known);
  t.equal(new Set(kept).size, 6);
});
