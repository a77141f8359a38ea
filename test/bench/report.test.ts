import t from 'tap';
import { benchmarksDocument } from '../../bench/report/document.ts';
import { losses } from '../../bench/report/losses.ts';
import type { MeasuredResult } from '../../bench/report/results.ts';

const result: MeasuredResult = {
  scenario: 'made-up',
  title: 'Made up',
  method: ['Nobody measured this.'],
  machine: {
    at: '2026-01-05T06:00:00.000Z',
    processor: 'a processor',
    cores: 2,
    memory: 2 ** 33,
    system: 'a system',
    kernel: '6.0',
    node: 'v26.0.0',
    commit: '0123456789',
  },
  participants: [
    { name: 'relay', version: '1', skipped: null },
    { name: 'nginx', version: '2', skipped: null },
    { name: 'Varnish', version: '', skipped: 'varnishd is not installed here' },
  ],
  series: [
    { case: 'small', contender: 'relay', metric: 'rate', rounds: [900, 1000, 5000] },
    { case: 'small', contender: 'nginx', metric: 'rate', rounds: [2000, 100, 3000] },
    { case: 'small', contender: 'relay', metric: 'cpuPerRequest', rounds: [10] },
    { case: 'small', contender: 'nginx', metric: 'cpuPerRequest', rounds: [12] },
    { case: 'small', contender: 'relay', metric: 'loadShare', rounds: [90] },
    { case: 'small', contender: 'nginx', metric: 'loadShare', rounds: [50] },
    { case: 'large', contender: 'nginx', metric: 'cpuPerGb', rounds: [0.1] },
  ],
  goals: [
    { says: 'rate', value: 0.5, atLeast: 0.6 },
    { says: 'cost', value: 0.83, atMost: 1 },
    { says: 'nobody measured', value: Number.NaN, atMost: 1 },
  ],
};

t.test('a loss is a median that somebody else betters, whichever way is better', async (t) => {
  t.strictSame(losses([result]), [
    { case: 'small', metric: 'rate', relay: 1000, better: [{ contender: 'nginx', value: 2000 }] },
  ]);
});

t.test('the document has the goals, the losses, and every figure, with who did not take part', async (t) => {
  const text = benchmarksDocument([result]);
  for (const line of [
    '| rate | 0.500 | ≥ 0.6 | **not reached** |',
    '| cost | 0.830 | ≤ 1 | reached |',
    '| nobody measured | — | ≤ 1 | **not reached** |',
    '| small | requests/s | 1,000 | nginx 2,000 |',
    'Left out: Varnish, for varnishd is not installed here.',
    '| relay | 1,000 | 10.0 | 90 |',
    '| nginx | 2,000 | 12.0 | 50 |',
    '### large',
  ]) {
    t.ok(text.includes(line), line);
  }
});

t.test('without results the document claims nothing', async (t) => {
  const text = benchmarksDocument([]);
  t.match(text, /Nothing has been measured yet/);
  t.notMatch(text, /loses/);
});
