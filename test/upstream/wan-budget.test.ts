import * as fc from 'fast-check';
import t from 'tap';
import { createBucket, createWanBudget } from '../../src/upstream/wan-budget.ts';
import { eventually } from '../support/eventually.ts';
import { steppedClock } from '../support/stepped-clock.ts';

const RATE = 250_000;

t.test('what came is paid for at the rate, from the first byte on', async (t) => {
  const bucket = createBucket();
  t.equal(bucket.take(25_000, RATE, 1000), 100);
  t.equal(bucket.take(50_000, RATE, 1000), 300, 'first come, first served');
  t.equal(bucket.take(25_000, RATE, 1300), 100, 'after its pause');
});

t.test('a timer that comes late is made up for', async (t) => {
  const bucket = createBucket();
  bucket.take(25_000, RATE, 0);
  t.equal(bucket.take(50_000, RATE, 120), 180);
});

t.test('a long pause buys a quarter of a second and no more', async (t) => {
  const bucket = createBucket();
  bucket.take(25_000, RATE, 0);
  t.equal(bucket.take(62_500, RATE, 3_600_000), 0);
  t.equal(bucket.take(25_000, RATE, 3_600_000), 100);
});

t.test('a change of the rate holds from the next piece on', async (t) => {
  const bucket = createBucket();
  t.equal(bucket.take(25_000, RATE, 0), 100);
  t.equal(bucket.take(25_000, RATE / 2, 100), 200);
});

t.test('over no stretch of time more moves than the rate, the burst and the piece at its end', async () => {
  const pieces = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 65_536 }), idle: fc.nat(1_000) }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(pieces, (steps) => {
      const bucket = createBucket();
      const moved: { readonly at: number; readonly bytes: number }[] = [];
      let now = 0;
      for (const { bytes, idle } of steps) {
        now += idle;
        moved.push({ at: now, bytes });
        now += bucket.take(bytes, RATE, now);
      }
      return moved.every((first, i) => {
        let sum = 0;
        return moved.slice(i).every(({ at, bytes }) => {
          const before = sum;
          sum += bytes;
          return before <= (RATE * (at - first.at + 250)) / 1000 + 1;
        });
      });
    }),
  );
});

t.test('the one that pays waits as long as the window’s rate asks for', async (t) => {
  const clock = steppedClock();
  const { signal } = new AbortController();
  const budget = createWanBudget({ windows: [{ from: '00:00', to: '00:00', rate: RATE }] }, clock);
  let paid = 0;
  for (const bytes of [25_000, 25_000]) void budget.pay(bytes, signal).then(() => (paid += 1));
  t.equal(Math.round(await clock.nthSleep(1)), 100);
  t.ok((await clock.nthSleep(2)) > 150);
  clock.advance(101);
  await eventually('the first one goes on', () => paid === 1);
  clock.advance(100);
  await eventually('the second one goes on', () => paid === 2);
});

t.test('an abort ends the wait', async (t) => {
  const stop = new AbortController();
  const budget = createWanBudget({ rate: RATE, windows: [] }, steppedClock());
  const paying = budget.pay(1_000_000, stop.signal);
  stop.abort(new Error('the relay is stopping'));
  await t.rejects(paying, { message: 'the relay is stopping' });
});

t.test('without a limit nobody waits', async () => {
  const { signal } = new AbortController();
  await createWanBudget({ windows: [] }, steppedClock()).pay(1e12, signal);
});
