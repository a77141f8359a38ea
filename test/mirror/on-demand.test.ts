import t from 'tap';
import { createInterest } from '../../src/fleet/interest.ts';
import { identityOf } from '../../src/flight/fetch-item.ts';
import { createMirror } from '../../src/mirror/mirror.ts';
import { prefetchRule } from '../../src/mirror/prefetch.ts';
import { forgetful } from '../../src/ports/notes.ts';
import { handClock } from '../support/hand-clock.ts';
import { catalogue, mirrorBench, type MirrorBench } from '../support/mirror-bench.ts';
import { prefetchAll } from '../support/prefetch-all.ts';

const DAY = 86_400_000;
const settings = { incrementals: true, engines: true, fullPatternsUpTo: 1000, programs: false };
const onlySmall = prefetchRule(settings, () => 0);
const VIRUS_PATTERN = 'pattern/vsapi985.zip';

const current = ({ store }: MirrorBench) => {
  const generation = store.generations.current();
  if (!generation) throw new Error('there is no generation');
  return generation;
};
const paths = (objects: readonly { readonly path: string }[]) => objects.map(({ path }) => path);

t.test('what is not prefetched is listed, not fetched; its signature is here', async (t) => {
  const bench = await mirrorBench(t, { prefetches: onlySmall });
  await bench.mirror.update('administrator');
  const { objects, onDemand, absent } = current(bench);
  t.ok(paths(onDemand).includes(VIRUS_PATTERN));
  t.ok(paths(objects).includes('pattern/vsapi985.sig'));
  t.ok(onDemand.every(({ kind, size }) => kind === 'program' || (kind === 'pattern' && size > 1000)));
  t.strictSame(absent, []);
  const asked = paths(bench.lab.requests);
  for (const path of paths(onDemand)) t.notOk(asked.includes(path), path);
});

t.test('more is prefetched than when the generation was made: the same index brings it', async (t) => {
  const bench = await mirrorBench(t, { prefetches: onlySmall });
  await bench.mirror.update('administrator');
  const more = createMirror({ ...bench.context, prefetches: prefetchAll, every: 60_000 });
  t.match(await more.update('administrator'), { result: 'published', generation: 2 });
  t.strictSame(current(bench).onDemand, []);
  t.match(await more.update('administrator'), { result: 'unchanged' });
});

t.test('less is prefetched: what is here stays, as if an agent had asked for it', async (t) => {
  const bench = await mirrorBench(t);
  await bench.mirror.update('administrator');
  const before = current(bench).objects.find(({ path }) => path === VIRUS_PATTERN);
  // The next release has most of the large files of the one before.
  bench.lab.publish(catalogue.release(2));
  bench.lab.reset();
  const less = createMirror({ ...bench.context, prefetches: onlySmall, every: 60_000 });
  await less.update('administrator');
  const { onDemand } = current(bench);
  const kept = onDemand.filter((object) => bench.store.fills.get(identityOf(object)));
  t.ok(kept.length > 3);
  for (const { path, sha256 } of bench.store.fills.list()) t.ok(sha256 !== before?.sha256 || path === VIRUS_PATTERN);
  for (const path of paths(onDemand)) t.notOk(paths(bench.lab.requests).includes(path), path);
});

t.test('what came on demand for releases that are gone goes with them', async (t) => {
  const bench = await mirrorBench(t, { prefetches: onlySmall, keepGenerations: 1, programs: false });
  await bench.mirror.update('administrator');
  const wanted = current(bench).onDemand.find(({ path }) => path === VIRUS_PATTERN);
  if (!wanted) throw new Error('it is not on demand');
  const bytes = await catalogue.release(1).file(VIRUS_PATTERN);
  const writer = await bench.store.blobs.create(bytes.length);
  await writer.write(bytes);
  const blob = await writer.commit();
  const origin = { proof: 'structure', source: 'http://127.0.0.1', fetchedAt: new Date(0).toISOString() } as const;
  await bench.store.fills.add({ ...wanted, ...blob, ...origin, identity: identityOf(wanted) });
  for (const number of [2, 3]) {
    bench.lab.publish(catalogue.release(number));
    await bench.mirror.update('administrator');
  }
  t.notOk(
    current(bench).onDemand.some((object) => identityOf(object) === identityOf(wanted)),
    'it is of no release now',
  );
  bench.lab.publish(catalogue.release(4));
  await bench.mirror.update('administrator');
  t.strictSame(bench.store.fills.list(), []);
  t.notOk(await bench.store.blobs.has(blob));
});

t.test('a component nobody asks for comes on demand, until somebody does', async (t) => {
  const clock = handClock();
  const interest = createInterest(clock, forgetful);
  const everything = {
    incrementals: true,
    engines: true,
    fullPatternsUpTo: 2 ** 30,
    programs: true,
    unaskedFor: 30 * DAY,
  };
  const prefetches = prefetchRule(everything, interest.idle);
  const bench = await mirrorBench(t, { prefetches, programs: false });
  await bench.mirror.update('administrator');
  t.strictSame(current(bench).onDemand, [], 'it has only begun to be watched');

  clock.advance(31 * DAY);
  interest.asked('P.4');
  bench.lab.publish(catalogue.release(2));
  await bench.mirror.update('administrator');
  const components = (objects: readonly { readonly component: string }[]) =>
    new Set(objects.map(({ component }) => component));
  t.notOk(components(current(bench).onDemand).has('P.4'));
  t.ok(components(current(bench).onDemand).has('P.800'));

  interest.asked('P.800');
  t.match(await bench.mirror.update('administrator'), { result: 'published' }, 'with the same index');
  t.notOk(components(current(bench).onDemand).has('P.800'));
  t.match(await bench.mirror.update('administrator'), { result: 'unchanged' });
});
