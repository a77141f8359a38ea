import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { createPace } from '../../src/upstream/pace.ts';

const limits = { grace: 60_000, deadlineBytesPerSecond: 32_768, minimumBytesPerSecond: 8_192, rateWindow: 60_000 };

t.test('a drip is found out at the end of the window', async (t) => {
  const pace = createPace(65_000_000, limits);
  for (let now = 0; now < 59_000; now += 1000) {
    pace.waiting(now);
    pace.got(1000, now + 1000);
    t.equal(pace.verdict(now + 1000), null);
  }
  pace.waiting(59_000);
  t.strictSame(pace.verdict(60_000), { found: '59000 bytes in 60 s', expected: '8192 bytes/s' });
});

t.test('each window counts for itself: a fast beginning does not excuse a hang', async (t) => {
  const pace = createPace(65_000_000, limits);
  pace.waiting(0);
  pace.got(10_000_000, 1000);
  pace.waiting(1000);
  t.equal(pace.verdict(60_000), null);
  t.strictSame(pace.verdict(120_000), { found: '0 bytes in 60 s', expected: '8192 bytes/s' });
});

t.test('the whole has its deadline, which grows with the size', async (t) => {
  const pace = createPace(32_768 * 100, limits);
  let now = 0;
  for (; now < 159_000; now += 1000) {
    pace.waiting(now);
    pace.got(9_000, now + 1000);
    t.equal(pace.verdict(now + 1000), null);
  }
  pace.waiting(now);
  t.strictSame(pace.verdict(160_000), { found: '1431000 of 3276800 bytes in 160 s', expected: 'all in 160 s' });
});

t.test('time in which the relay is busy itself is not the fault of the source', async (t) => {
  const pace = createPace(1_000_000, limits);
  pace.waiting(0);
  pace.got(1, 10);
  t.equal(pace.verdict(10_000_000), null);
  t.equal(pace.patience(10_000_000), 59_990);
});

t.test('no verdict falls before patience has run out', async () => {
  const pieces = fc.array(fc.record({ wait: fc.nat(5_000), bytes: fc.nat(200_000) }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.nat(10_000_000), pieces, (size, steps) => {
      const pace = createPace(size, limits);
      let now = 0;
      for (const { wait, bytes } of steps) {
        pace.waiting(now);
        const until = now + pace.patience(now);
        now += wait;
        pace.got(bytes, now);
        const verdict = pace.verdict(now);
        if (verdict !== null) return now >= until - limits.rateWindow / 60;
      }
      return true;
    }),
  );
});

t.test('a source that keeps the pace never hears a verdict', async () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 100 });
  fc.assert(
    fc.property(gaps, (waits) => {
      const rate = limits.deadlineBytesPerSecond / 1000;
      const pace = createPace(
        waits.reduce((sum, ms) => sum + ms * rate, 0),
        limits,
      );
      let now = 0;
      return waits.every((ms) => {
        pace.waiting(now);
        now += ms;
        pace.got(ms * rate, now);
        return pace.verdict(now) === null;
      });
    }),
  );
});
