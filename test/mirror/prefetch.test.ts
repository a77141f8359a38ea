import t from 'tap';
import { prefetchRule } from '../../src/mirror/prefetch.ts';

const MIB = 2 ** 20;
const DAY = 86_400_000;
const settings = { incrementals: true, engines: true, fullPatternsUpTo: 8 * MIB, programs: false };
const asked = (): number => 0;
const component = 'P.4';

t.test('each kind has its own switch, patterns a size', async (t) => {
  const rule = prefetchRule(settings, asked);
  t.ok(rule({ kind: 'incremental', size: 100 * MIB, component }));
  t.notOk(prefetchRule({ ...settings, incrementals: false }, asked)({ kind: 'incremental', size: 1, component }));
  t.ok(rule({ kind: 'engine', size: 100 * MIB, component }));
  t.notOk(prefetchRule({ ...settings, engines: false }, asked)({ kind: 'engine', size: 1, component }));
  t.ok(rule({ kind: 'pattern', size: 8 * MIB, component }));
  t.notOk(rule({ kind: 'pattern', size: 8 * MIB + 1, component }));
  t.notOk(rule({ kind: 'program', size: 1, component }));
  t.ok(prefetchRule({ ...settings, programs: true }, asked)({ kind: 'program', size: 100 * MIB, component }));
});

t.test('what nobody has asked for in a long time is left for when somebody does', async (t) => {
  const idle = (id: string): number => (id === 'P.4' ? 14 * DAY : 15 * DAY);
  const rule = prefetchRule({ ...settings, unaskedFor: 14 * DAY }, idle);
  t.ok(rule({ kind: 'incremental', size: 1, component: 'P.4' }));
  t.notOk(rule({ kind: 'incremental', size: 1, component: 'P.800' }));
  t.ok(prefetchRule(settings, idle)({ kind: 'incremental', size: 1, component: 'P.800' }), 'off unless it is set');
});
