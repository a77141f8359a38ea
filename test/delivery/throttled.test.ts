import t from 'tap';
import { createThrottled } from '../../src/delivery/throttled.ts';
import { handClock } from '../support/hand-clock.ts';

t.test('the first is told at once, then once a minute how many there were', async (t) => {
  const clock = handClock();
  const told: [string, number][] = [];
  const throttled = createThrottled<string>(clock, (latest, count) => told.push([latest, count]));
  throttled.add('a');
  t.strictSame(told, [['a', 1]]);
  for (let i = 0; i < 999; i += 1) throttled.add('b');
  throttled.add('c');
  clock.advance(59_999);
  throttled.flush();
  t.equal(told.length, 1);
  clock.advance(1);
  throttled.flush();
  t.strictSame(told.slice(1), [['c', 1000]]);
  clock.advance(60_000);
  throttled.flush();
  t.equal(told.length, 2, 'nothing has happened since');
  throttled.add('d');
  t.strictSame(told.slice(2), [['d', 1]]);
});
