import t from 'tap';
import { createTally } from '../../src/telemetry/tally.ts';

t.test('sums are kept apart by both labels', async (t) => {
  const tally = createTally();
  for (const [first, second, amount] of [
    ['200', 'pattern', 1],
    ['200', 'index', 2],
    ['404', 'pattern', 3],
    ['200', 'pattern', 4],
  ] as const) {
    tally.add(first, second, amount);
  }
  t.strictSame(tally.rows, [
    { first: '200', second: 'pattern', sum: 5 },
    { first: '200', second: 'index', sum: 2 },
    { first: '404', second: 'pattern', sum: 3 },
  ]);
});
