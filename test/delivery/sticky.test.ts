import t from 'tap';
import { createSticky } from '../../src/delivery/sticky.ts';
import { handClock } from '../support/hand-clock.ts';

const MINUTE = 60_000;
const someone = (address = '10.0.0.1', connection: object = {}) => ({ address, connection });

t.test('an address keeps the generation it read for 30 minutes, over any connection', async (t) => {
  const clock = handClock();
  const sticky = createSticky(clock, undefined);
  sticky.indexRead(someone(), 7);
  clock.advance(30 * MINUTE - 1);
  t.equal(sticky.pinned(someone()), 7);
  t.equal(sticky.pinned(someone('10.0.0.2')), undefined);
  clock.advance(1);
  t.equal(sticky.pinned(someone()), undefined);
});

t.test('reading the index again moves the pin on and starts its time anew', async (t) => {
  const clock = handClock();
  const sticky = createSticky(clock, undefined);
  sticky.indexRead(someone(), 7);
  clock.advance(20 * MINUTE);
  sticky.indexRead(someone(), 8);
  clock.advance(20 * MINUTE);
  t.equal(sticky.pinned(someone()), 8);
});

t.test('behind one address each connection keeps what it read itself; others get the latest', async (t) => {
  const sticky = createSticky(handClock(), undefined);
  const first = someone();
  sticky.indexRead(first, 7);
  sticky.indexRead(someone(), 8);
  t.equal(sticky.pinned(first), 7);
  t.equal(sticky.pinned(someone()), 8);
});

t.test('for 30 minutes after the start, who read no index gets the generation of the start', async (t) => {
  const clock = handClock();
  const sticky = createSticky(clock, 5);
  const reader = someone('10.0.0.2');
  sticky.indexRead(reader, 6);
  t.equal(sticky.pinned(someone()), 5);
  t.equal(sticky.pinned(reader), 6);
  clock.advance(30 * MINUTE);
  t.equal(sticky.pinned(someone()), undefined);
});

t.test('the collector hears of every generation that somebody may still work from, and of no other', async (t) => {
  const clock = handClock();
  const sticky = createSticky(clock, 5);
  t.strictSame(sticky.pinnedGenerations(), new Set([5]));
  const kept = someone();
  clock.advance(10 * MINUTE);
  sticky.indexRead(kept, 6);
  sticky.indexRead(someone(), 7);
  t.strictSame(sticky.pinnedGenerations(), new Set([5, 6, 7]), 'a connection may hold 6 though its address moved on');
  clock.advance(20 * MINUTE);
  t.strictSame(sticky.pinnedGenerations(), new Set([6, 7]));
  clock.advance(10 * MINUTE);
  t.strictSame(sticky.pinnedGenerations(), new Set());
});

t.test('the memory for addresses is bounded: who was not seen for longest is forgotten', async (t) => {
  const sticky = createSticky(handClock(), undefined);
  for (let n = 0; n <= 65_536; n += 1) sticky.indexRead(someone(`address ${n}`), 7);
  t.equal(sticky.pinned(someone('address 0')), undefined);
  t.equal(sticky.pinned(someone('address 1')), 7);
  t.equal(sticky.pinned(someone('address 65536')), 7);
});
