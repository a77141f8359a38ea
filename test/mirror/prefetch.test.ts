import t from 'tap';
import { isPrefetched, type Prefetch } from '../../src/mirror/prefetch.ts';

const MIB = 2 ** 20;
const settings: Prefetch = { incrementals: true, engines: true, fullPatternsUpTo: 8 * MIB, programs: false };

t.test('each kind has its own switch, patterns a size', async (t) => {
  t.ok(isPrefetched({ kind: 'incremental', size: 100 * MIB }, settings));
  t.notOk(isPrefetched({ kind: 'incremental', size: 1 }, { ...settings, incrementals: false }));
  t.ok(isPrefetched({ kind: 'engine', size: 100 * MIB }, settings));
  t.notOk(isPrefetched({ kind: 'engine', size: 1 }, { ...settings, engines: false }));
  t.ok(isPrefetched({ kind: 'pattern', size: 8 * MIB }, settings));
  t.notOk(isPrefetched({ kind: 'pattern', size: 8 * MIB + 1 }, settings));
  t.notOk(isPrefetched({ kind: 'program', size: 1 }, settings));
  t.ok(isPrefetched({ kind: 'program', size: 100 * MIB }, { ...settings, programs: true }));
});
