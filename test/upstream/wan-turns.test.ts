import t from 'tap';
import { laneOf, nextTurn, type Waiting } from '../../src/upstream/wan-turns.ts';

const MIB = 1024 * 1024;
const calm = { now: 100_000, idle: 0, urgentPaidAt: null, overdueBefore: false };

t.test('what protects a branch is small: incrementals by their size, signatures by their limit', async (t) => {
  t.equal(laneOf({ size: { exact: 24_957 } }), 'small');
  t.equal(laneOf({ size: { limit: MIB } }), 'small');
  t.equal(laneOf({ size: { exact: MIB + 1 } }), 'large');
});

t.test('what somebody waits for is urgent as long as somebody does, whatever its size', async (t) => {
  let waits = true;
  const request = { size: { exact: 65 * MIB }, priority: () => (waits ? ('urgent' as const) : ('prefetch' as const)) };
  t.equal(laneOf(request), 'urgent');
  waits = false;
  t.equal(laneOf(request), 'large');
});

t.test('urgent, small, large', async (t) => {
  const queue: Waiting[] = [
    { lane: 'large', since: 99_000 },
    { lane: 'small', since: 99_100 },
    { lane: 'urgent', since: 99_900 },
  ];
  t.strictSame(nextTurn(queue, calm), { next: 2, overdue: false });
  t.strictSame(nextTurn(queue.slice(0, 2), calm), { next: 1, overdue: false });
  t.strictSame(nextTurn(queue.slice(0, 1), calm), { next: 0, overdue: false });
});
