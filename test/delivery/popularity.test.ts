import t from 'tap';
import { createPopularity } from '../../src/delivery/popularity.ts';

t.test('requests are counted by content', async (t) => {
  const popularity = createPopularity();
  t.equal(popularity.of('a'), 0);
  t.equal(popularity.asked('a'), 1);
  t.equal(popularity.asked('a'), 2);
  t.equal(popularity.asked('b'), 1);
  t.equal(popularity.of('a'), 2);
});

t.test('what was asked for long ago counts less than what is asked for now', async (t) => {
  const popularity = createPopularity();
  for (let i = 0; i < 100; i += 1) popularity.asked('yesterday');
  for (let i = 0; i < 8000; i += 1) popularity.asked('today');
  t.ok(popularity.of('yesterday') < popularity.of('today') / 10);
});

t.test('however many contents there are, few are remembered', async (t) => {
  const popularity = createPopularity();
  for (let i = 0; i < 100_000; i += 1) popularity.asked(`once ${i}`);
  t.equal(popularity.of('once 5'), 0);
  t.equal(popularity.of('once 99999'), 1);
});
