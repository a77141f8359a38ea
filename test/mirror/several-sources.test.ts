import { hash } from 'node:crypto';
import t, { type Test } from 'tap';
import type { LabServer } from '../../src/lab/lab-server.ts';
import type { Release } from '../../src/lab/release.ts';
import type { Generation } from '../../src/ports/generation.ts';
import { handClock } from '../support/hand-clock.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { catalogue, mirrorBench, type MirrorBench } from '../support/mirror-bench.ts';
import { attempt } from '../support/lab-attempt.ts';

const FIRST = catalogue.release(1);

interface Branch extends MirrorBench {
  readonly first: LabServer;
  readonly second: LabServer;
  readonly third: LabServer;
}

/** A mirror with three sources, each with the first release. */
async function branch(t: Test, options: Parameters<typeof mirrorBench>[1] = {}): Promise<Branch> {
  const [first, second] = await Promise.all(
    [1, 2].map(() => labServerFor(t, { kind: 'officeScanServer', release: FIRST })),
  );
  if (!first || !second) throw new Error('two servers were asked for');
  const sources = (third: LabServer) => [first, second, third].map((lab) => attempt(lab));
  const bench = await mirrorBench(t, { sources, ...options });
  return { ...bench, first, second, third: bench.lab };
}

async function holdsWhole(t: Test, generation: Generation | undefined, release: Release): Promise<void> {
  for (const { path, sha256 } of generation?.objects ?? []) {
    t.equal(sha256, hash('sha256', await release.file(path)), path);
  }
  t.ok((generation?.objects.length ?? 0) > 20, 'there is something to compare');
}

const objectBytes = (generation: Generation | undefined): number =>
  generation?.objects.reduce((sum, { size }) => sum + size, 0) ?? 0;

t.test(
  'the first source is dead, the second torn in one file, the third good: whole, and each file names its source',
  async (t) => {
    const { first, second, third, mirror, store, upstream, events } = await branch(t);
    await first.close();
    const torn = [...FIRST.files.values()].find(({ kind }) => kind === 'pattern');
    const path = torn?.path ?? '';
    second.faults.on({ kind: 'wrongSize', by: 7, match: path });

    const outcome = await mirror.update('schedule');
    t.match(outcome, { result: 'published', source: second.componentsUrl });
    const generation = store.generations.current();
    await holdsWhole(t, generation, FIRST);
    for (const object of generation?.objects ?? []) {
      t.equal(object.source, object.path === path ? third.componentsUrl : second.componentsUrl, object.path);
    }
    t.strictSame(
      third.requests.map((request) => request.path).filter((asked) => !/product/i.test(asked)),
      ['server.ini', path],
      'the third was asked for its index, for that one file, and for packages that nobody has',
    );
    // Of the torn file some has come before its length was looked at.
    const cut = second.requests.find((request) => request.path === path)?.bytes ?? 0;
    const spoilt = upstream.received.total() - objectBytes(generation) - 2 * FIRST.index.length;
    t.ok(spoilt >= 0 && spoilt <= cut, 'the bytes of one mirror; the third has to say that it lists the same thing');
    t.match(events.of('source.failed'), [{ source: first.componentsUrl, error: /^RLY_UPSTREAM_REFUSED: / }]);
    t.match(events.of('object.failed'), [{ path, source: second.componentsUrl, error: /^RLY_UPSTREAM_SIZE: / }]);
  },
);

t.test('a file is never taken from a source that lists another content under its name', async (t) => {
  const { first, second, third, mirror, store } = await branch(t);
  const fixed = [...FIRST.files.values()].find(({ path }) => path === 'pattern/tscptn.zip');
  first.faults.on({ kind: 'wrongSize', by: 1, match: String(fixed?.path) });
  second.publish(catalogue.release(4));
  third.publish(catalogue.release(4));
  await mirror.update('schedule');
  const generation = store.generations.current();
  t.equal(generation?.source, second.componentsUrl, 'the next source served the whole update');
  await holdsWhole(t, generation, catalogue.release(4));
});

t.test(
  'when all have failed the update quits: the last good generation stays, each source is named with its reason',
  async (t) => {
    const { first, second, third, mirror, store } = await branch(t);
    await mirror.update('schedule');
    for (const lab of [first, second, third]) lab.publish(catalogue.release(2));
    await first.close();
    second.faults.on({ kind: 'portal', match: 'server.ini' });
    third.faults.on({ kind: 'wrongSize', by: -1, match: (path) => path.endsWith('.zip') });
    await t.rejects(mirror.update('schedule'), { code: 'RLY_UPDATE_NO_SOURCE' });
    t.equal(store.generations.current()?.number, 1);
    const { lastError } = mirror.view();
    for (const { componentsUrl } of [first, second, third]) t.match(lastError, componentsUrl);
    third.faults.clear();
    t.match(await mirror.update('administrator'), { result: 'published', source: third.componentsUrl });
    await holdsWhole(t, store.generations.current(), catalogue.release(2));
  },
);

t.test('a source that dies in the middle costs nothing that has come: the next one brings the rest', async (t) => {
  const { first, second, mirror, store, upstream } = await branch(t, {
    onProgress: ({ mirror: running }) => {
      if (running.view().objects.done === 15) dying?.();
    },
  });
  let dying: (() => void) | undefined = () => {
    dying = undefined;
    void first.close();
  };
  const outcome = await mirror.update('schedule');
  t.match(outcome, { result: 'published', source: second.componentsUrl });
  const generation = store.generations.current();
  await holdsWhole(t, generation, FIRST);
  const from = Map.groupBy(generation?.objects ?? [], ({ source }) => source);
  t.ok((from.get(first.componentsUrl)?.length ?? 0) > 5, 'what the first one brought is kept');
  const firstBytes = upstream.received.total(first.componentsUrl);
  t.ok(firstBytes > 0);
});

t.test(
  'a source that failed is passed over for seconds, not for ever, and asked after all when there is no other',
  async (t) => {
    const clock = handClock();
    const { first, second, third, mirror, context } = await branch(t, { clock });
    first.faults.on({ kind: 'status', status: 404 });
    await mirror.update('schedule');
    t.notOk(context.health.isBenched(first.componentsUrl), 'a missing index is no outage');
    first.faults.clear();
    first.faults.on({ kind: 'portal' });
    await mirror.update('schedule');
    t.ok(context.health.isBenched(first.componentsUrl));
    first.reset();
    await mirror.update('schedule');
    t.equal(first.requests.length, 0, 'passed over');
    clock.advance(5_000);
    await mirror.update('schedule');
    t.equal(first.requests.length, 1, 'probed again');
    await second.close();
    await third.close();
    first.faults.clear();
    t.ok(context.health.isBenched(first.componentsUrl), 'benched again, for longer');
    t.equal((await mirror.update('schedule')).source, first.componentsUrl, 'and asked, as no other could');
  },
);

t.test(
  'a source that says when to come back costs no time where there is another, and is left alone until then',
  async (t) => {
    const clock = handClock();
    const { first, second, mirror } = await branch(t, { clock });
    first.faults.on({ kind: 'status', status: 503, retryAfter: 3600 });
    t.match(await mirror.update('schedule'), { result: 'published', source: second.componentsUrl });
    t.equal(first.requests.length, 1, 'no second try, no wait');
    first.faults.clear();
    second.publish(catalogue.release(2));
    second.faults.on({ kind: 'wrongSize', by: 1, match: (path) => path.endsWith('.zip') });
    clock.advance(3_599_000);
    first.reset();
    await mirror.update('schedule').catch(() => {});
    t.equal(first.requests.length, 0, 'not even for a file that is torn elsewhere');
    clock.advance(1_000);
    t.match(await mirror.update('schedule'), { source: first.componentsUrl });
  },
);

t.test('a source that wants to be left alone in the middle of an update is asked for nothing more', async (t) => {
  const { mirror, lab, store } = await mirrorBench(t, { clock: handClock() });
  lab.faults.on({ kind: 'status', status: 429, retryAfter: 60, match: (path) => path.endsWith('.sig'), times: 1 });
  await t.rejects(mirror.update('schedule'), { code: 'RLY_UPDATE_NO_SOURCE', message: /answered 429/ });
  const asked = lab.requests.length;
  t.ok(asked < 20, `${asked} requests`);
  await t.rejects(mirror.update('schedule'), { code: 'RLY_UPDATE_NO_SOURCE', message: /is not asked before/ });
  t.equal(lab.requests.length, asked);
  t.ok(store.staging.list().length > 0, 'what came before is kept');
  t.match(await mirror.update('administrator'), { result: 'published' }, 'whoever asks by hand may');
});

t.test('an Update Agent that is behind does not take back what another source brought', async (t) => {
  const { first, second, mirror, store } = await branch(t);
  first.faults.on({ kind: 'status', status: 500 });
  second.publish(catalogue.release(3));
  await mirror.update('schedule');
  first.faults.clear();
  t.match(await mirror.update('administrator'), { result: 'unchanged', source: first.componentsUrl });
  await holdsWhole(t, store.generations.current(), catalogue.release(3));
  first.publish(catalogue.release(4));
  t.match(await mirror.update('administrator'), { result: 'published', source: first.componentsUrl });
});

t.test(
  'program packages follow their own order: never from a source that policy does not permit for them',
  async (t) => {
    const { first, second, mirror, store } = await branch(t, { programSources: [] });
    await mirror.update('schedule');
    t.notOk(
      store.generations.current()?.objects.some(({ kind }) => kind === 'program'),
      'without a source for them: none',
    );
    t.equal(first.requests.filter(({ path }) => /product/i.test(path)).length, 0);

    const other = await branch(t, {
      sources: (lab) => [attempt(lab)],
      programSources: [{ url: second.componentsUrl, type: 'customized' }],
    });
    await other.mirror.update('schedule');
    const generation = other.store.generations.current();
    await holdsWhole(t, generation, FIRST);
    const programs = generation?.objects.filter(({ kind }) => kind === 'program') ?? [];
    t.ok(programs.length > 0);
    t.ok(
      programs.every(({ source }) => source === second.componentsUrl),
      'different kinds, different sources, one update',
    );
  },
);

t.test('from ActiveUpdate for patterns only: engines that are here stay, new ones are left out', async (t) => {
  const { first, mirror, store } = await branch(t, {
    sources: (lab) => [attempt(lab, { type: 'activeUpdate', patternsOnly: true })],
    programSources: [],
  });
  void first;
  await mirror.update('schedule');
  const generation = store.generations.current();
  t.notOk(generation?.objects.some(({ kind }) => kind === 'engine'));
  t.ok(generation?.objects.some(({ kind }) => kind === 'incremental'));
  t.ok(generation?.absent.some((path) => path.startsWith('engine/')));
});
