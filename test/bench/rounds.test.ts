import t from 'tap';
import { median, percentile } from '../../bench/load/percentile.ts';
import { createRecorder } from '../../bench/recorder.ts';
import { inRounds } from '../../bench/rounds.ts';

t.test('each round begins with another one, and has each once', async (t) => {
  const order: string[] = [];
  await inRounds(3, ['a', 'b', 'c'], async (one, round) => void order.push(`${one}${round}`));
  t.strictSame(order, ['a0', 'b0', 'c0', 'b1', 'c1', 'a1', 'c2', 'a2', 'b2']);
});

t.test('percentiles are by nearest rank', async (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.equal(percentile([1, 2, 3, 4], 0.99), 4);
  t.equal(percentile([1, 2, 3, 4], 0.25), 1);
  t.ok(Number.isNaN(median([])));
});

t.test('figures are kept round by round', async (t) => {
  const recorder = createRecorder();
  const at = { case: 'small', contender: 'relay' };
  for (const rate of [5, 1, 3]) recorder.add(at, { rate });
  t.strictSame(recorder.series, [{ ...at, metric: 'rate', rounds: [5, 1, 3] }]);
  t.equal(recorder.median('small', 'relay', 'rate'), 3);
});
