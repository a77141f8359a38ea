import t from 'tap';
import { follow, type Pace, type Sample } from '../../src/delivery/reader-pace.ts';

const KIB = 1024;
const PIECE = 256 * KIB;

/**
 * A download in pieces of 256 KiB to a reader that takes `rate` bytes per second, looked at every 5 s; in seconds, when it
 * is cut, or null when it is still there after `within`. `burst`: what the kernel takes at once.
 */
function cutAfter(rate: number, within = 3600, burst = 0): number | null {
  let pace: Pace;
  for (let second = 0; second <= within; second += 5) {
    const taken = Math.floor((burst + rate * second) / PIECE) * PIECE;
    const sample: Sample = { written: taken + PIECE, pending: PIECE, at: second * 1000 };
    const verdict = follow(pace, sample);
    if (verdict === 'too slow') return second;
    pace = verdict;
  }
  return null;
}

t.test('a reader that takes 4 KiB/s is never cut, one that takes less is in the end', async (t) => {
  for (const kib of [4, 5, 8, 16, 100, 10_000]) t.equal(cutAfter(kib * KIB, 36_000), null, `${kib} KiB/s`);
  for (const kib of [0, 0.1, 1, 2, 3])
    t.ok(Number(cutAfter(kib * KIB)) <= 400, `${kib} KiB/s: ${cutAfter(kib * KIB)} s`);
});

t.test('one that takes nothing is cut after the minute, and the time of the piece under way', async (t) => {
  t.equal(cutAfter(0), 65);
  t.equal(cutAfter(0.01 * KIB), 65, 'nor does a drip help');
});

t.test('what the kernel took at once buys one minute, and no more', async (t) => {
  t.ok(Number(cutAfter(0, 3600, 100 * PIECE)) <= 130);
});

t.test('who has taken everything owes nothing, and begins anew', async (t) => {
  const pending = (at: number): Sample => ({ written: PIECE, pending: PIECE, at });
  t.equal(follow(pending(0), { written: PIECE, pending: 0, at: 3_600_000 }), undefined);
  t.equal(follow(undefined, { written: 0, pending: 0, at: 1 }), undefined);
  t.strictSame(follow(undefined, pending(7)), pending(7));
  t.strictSame(follow(pending(7), pending(60_006)), pending(7), 'no verdict before the minute is over');
});
