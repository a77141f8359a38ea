import t from 'tap';
import { leftOf, nextWalkIn, pauseAfter } from '../../storage/scrub-plan.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const now = Date.UTC(2026, 10, 26);

t.test('a walk begins one period after the last one began, and never in the first minutes of a process', async (t) => {
  const due = (begunAt: number | null) => nextWalkIn({ begunAt, now, every: 7 * DAY });
  t.equal(due(now), 7 * DAY);
  t.equal(due(now - 3 * DAY), 4 * DAY);
  t.equal(due(null), 5 * MINUTE, 'none is known of');
  t.equal(due(now - 7 * DAY + MINUTE), 5 * MINUTE);
  t.equal(due(now - 100 * DAY), 5 * MINUTE, 'overdue: the machine was off, or the walk took longer than the period');
});

t.test(
  'a walk that seems to have begun in the future is from a wrong clock: nobody waits two years for the next',
  async (t) => {
    t.equal(nextWalkIn({ begunAt: now + 730 * DAY, now, every: 7 * DAY }), 5 * MINUTE);
  },
);

t.test('pauses keep to the rate, whatever reading took', async (t) => {
  t.equal(pauseAfter(1000, 0, 1000), 1000);
  t.equal(pauseAfter(1000, 400, 1000), 600);
  t.equal(pauseAfter(1000, 5000, 1000), 0, 'a disk that is slower needs no rest');
  t.equal(pauseAfter(1000, 0, Infinity), 0);
});

t.test('what is left of a walk are the names behind the last one, also where that is gone', async (t) => {
  const blobs = ['a', 'c', 'e'].map((sha256) => ({ sha256 }));
  const names = (after: string | null) => leftOf(blobs, after).map(({ sha256 }) => sha256);
  t.strictSame(names(null), ['a', 'c', 'e']);
  t.strictSame(names('a'), ['c', 'e']);
  t.strictSame(names('b'), ['c', 'e']);
  t.strictSame(names('e'), []);
});
