import { readdir } from 'node:fs/promises';
import t from 'tap';
import { canonicalPath } from '../../src/manifest/path.ts';
import { dryRun, type DryRun } from '../../src/mirror/dry-run.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { catalogue, mirrorBench, type MirrorBench } from '../support/mirror-bench.ts';

const first = catalogue.release(1);
const second = catalogue.release(2);
const { signal } = new AbortController();

/** All but what is noted of sources: how one answered is worth knowing, whatever it was asked for. */
const filesIn = async (path: string) =>
  (await readdir(path, { recursive: true })).filter((name) => !/^(?:notes|tmp\/.*)$/.test(name)).sort();
const objectsAsked = ({ lab }: MirrorBench) =>
  lab.requests
    .map(({ path }) => canonicalPath(path))
    .filter((path) => path !== 'server.ini')
    .sort();
const objectsNamed = ({ fetch }: DryRun) => fetch.map(({ path }) => canonicalPath(path)).sort();

t.test('a dry run before the first update', async (t) => {
  const path = temporaryFolder(t);
  const bench = await mirrorBench(t, { path });
  const before = await filesIn(path);
  const plan = await dryRun(bench.context, signal);

  t.test('asks for the index, and fetches nothing else', async (t) => {
    t.match(bench.lab.requests, [{ path: 'server.ini', status: 200 }]);
    t.equal(bench.lab.requests.length, 1);
    t.strictSame(await filesIn(path), before);
    t.strictSame(bench.store.staging.list(), []);
    t.equal(bench.store.usage().bytes, 0);
  });

  t.test('says what the update then fetches', async (t) => {
    bench.lab.reset();
    await bench.mirror.update('administrator');
    t.strictSame(objectsAsked(bench), objectsNamed(plan));
    for (const { path: object, kind, bytes } of plan.fetch) {
      const file = [...first.files.values()].find((candidate) => candidate.path === object);
      if (file) t.match({ kind, bytes }, { kind: file.kind, bytes: kind === 'signature' ? null : file.size });
    }
    t.equal(
      plan.bytes,
      plan.fetch.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    );
  });

  t.test('names the components as new', async (t) => {
    t.match(plan, { source: bench.lab.componentsUrl, unchanged: false, reused: 0 });
    const versions = plan.changes.map(({ id, before: held, after, change }) => ({ id, held, after, change }));
    t.strictSame(
      versions,
      [...first.versions].map(([id, after]) => ({ id, held: null, after, change: 'new' })),
    );
  });
});

t.test('a dry run after an update', async (t) => {
  t.test('finds nothing to do while the index stays', async (t) => {
    const bench = await mirrorBench(t);
    await bench.mirror.update('administrator');
    bench.lab.reset();
    t.strictSame(await dryRun(bench.context, signal), {
      source: bench.lab.componentsUrl,
      unchanged: true,
      changes: [],
      fetch: [],
      onDemand: 0,
      reused: 0,
      bytes: 0,
    });
    t.match(bench.lab.requests, [{ status: 304 }]);
  });

  t.test('names what a release changes, from which version to which, and what is here already', async (t) => {
    const bench = await mirrorBench(t);
    await bench.mirror.update('administrator');
    bench.lab.publish(second);
    const plan = await dryRun(bench.context, signal);
    const changed = [...second.versions].filter(([id, version]) => first.versions.get(id) !== version);
    t.strictSame(
      plan.changes.map(({ id, before, after }) => ({ id, before, after })),
      changed.map(([id, after]) => ({ id, before: first.versions.get(id), after })),
    );
    bench.lab.reset();
    t.match(await bench.mirror.update('administrator'), { reused: plan.reused });
    t.strictSame(objectsAsked(bench), objectsNamed(plan));
  });
});

t.test('a dry run that cannot have the index says why', async (t) => {
  const bench = await mirrorBench(t);
  bench.lab.publishSlowly(second);
  const error = await dryRun(bench.context, signal).catch((reason: unknown) => reason);
  t.match(error, { code: 'RLY_UPDATE_NO_SOURCE' });
  t.match(String(error), `${bench.lab.componentsUrl}/server.ini answered 404`);
});
