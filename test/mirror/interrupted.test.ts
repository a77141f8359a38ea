import t, { type Test } from 'tap';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createMirror } from '../../src/mirror/mirror.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { generationDifferences } from '../support/release-truth.ts';
import { catalogue, mirrorBench, type MirrorBench } from '../support/mirror-bench.ts';

const first = catalogue.release(1);
const virusPattern = 'pattern/vsapi985.zip';

const asked = ({ requests }: LabServer) => requests.map(({ path }) => path);

/** An update that somebody stops when it has come so far. */
async function stopped(t: Test, path: string, objects = 25): Promise<MirrorBench> {
  let stopping: Promise<void> | undefined;
  const bench = await mirrorBench(t, {
    path,
    onProgress: ({ mirror }) => {
      if (mirror.view().objects.done >= objects) stopping ??= mirror.stop();
    },
  });
  await t.rejects(bench.mirror.update('administrator'), { message: 'the relay is stopping' });
  await stopping;
  return bench;
}

/** Updates to the first release and makes sure that nothing of `staged` crosses the network again. */
async function goesOn(t: Test, { lab, store, context }: MirrorBench, staged: readonly string[]): Promise<void> {
  lab.reset();
  const outcome = await createMirror({ ...context, every: 60_000 }).update('administrator');
  t.strictSame(await generationDifferences(first, store), []);
  t.match(outcome, { result: 'published', reused: staged.length });
  t.strictSame(
    asked(lab).filter((path) => staged.includes(path)),
    [],
  );
  t.strictSame(store.staging.list(), [], 'the generation has it all');
}

t.test('an update that was stopped goes on where it was: nothing that came whole comes twice', async (t) => {
  const bench = await stopped(t, temporaryFolder(t));
  const staged = bench.store.staging.list();
  t.ok(staged.length >= 20 && staged.length < 53, `${staged.length} objects were kept`);
  t.ok(staged.some(({ kind }) => kind === 'signature'));
  await goesOn(
    t,
    bench,
    staged.map(({ path }) => path),
  );
});

t.test('also after a restart, and from another source that has the same release', async (t) => {
  const path = temporaryFolder(t);
  const staged: string[] = [];
  await t.test('an update that is stopped', async (t) => {
    const { store } = await stopped(t, path);
    staged.push(...store.staging.list().map((object) => object.path));
  });
  const bench = await mirrorBench(t, { path });
  await goesOn(t, bench, staged);
  const sources = new Set(bench.store.generations.current()?.objects.map(({ source }) => source));
  t.equal(sources.size, 2, 'each object says where it came from');
});

t.test('an object that fails, fails the update; everything else that came is kept', async (t) => {
  const bench = await mirrorBench(t);
  const { lab, store, mirror } = bench;
  lab.faults.on({ kind: 'status', status: 500, match: virusPattern });
  await t.rejects(mirror.update('administrator'), {
    code: 'RLY_UPDATE_NO_SOURCE',
    fields: { tried: `${lab.componentsUrl}: ${lab.componentsUrl}/${virusPattern} answered 500, expected 200` },
  });
  t.equal(store.generations.current(), undefined);
  t.equal(store.usage().reserved, 0);
  const staged = store.staging.list().map(({ path }) => path);
  t.notOk(staged.includes(virusPattern));
  lab.faults.clear();
  await goesOn(t, bench, staged);
});

t.test('after the first failure nothing new is begun', async (t) => {
  const { lab, mirror } = await mirrorBench(t);
  lab.faults.on({ kind: 'status', status: 403, match: (path) => path !== 'server.ini' });
  await t.rejects(mirror.update('administrator'), { code: 'RLY_UPDATE_NO_SOURCE' });
  t.ok(asked(lab).length <= 1 + 6, `${asked(lab).length} requests: the index, and what ran at the time`);
});

t.test('a download that is cut is continued within the update', async (t) => {
  /** Drips, so that something has been read before the reset throws the rest away. */
  function cutOnce({ faults }: LabServer): void {
    faults.on({ kind: 'slow', bytesPerSecond: 400_000, match: virusPattern, times: 1 });
    faults.on({ kind: 'reset', after: 30_000, match: virusPattern, times: 1 });
  }
  const { size = 0 } = first.files.get(virusPattern) ?? {};

  t.test('by the bytes that are missing', async (t) => {
    const { lab, store, mirror } = await mirrorBench(t);
    cutOnce(lab);
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(first, store), []);
    const [cut, rest, ...more] = lab.requests.filter(({ path }) => path === virusPattern);
    t.equal(more.length, 0);
    t.match(rest, { status: 206, range: /^bytes=[1-9]\d*-$/ });
    t.equal(rest?.bytes, size - Number(/\d+/.exec(rest?.range ?? '')?.[0]));
    t.ok((cut?.bytes ?? 0) < size);
  });

  t.test('from the start, where the source ignores ranges', async (t) => {
    const { lab, store, mirror } = await mirrorBench(t);
    cutOnce(lab);
    lab.faults.on({ kind: 'rangesIgnored' });
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(first, store), []);
    t.match(
      lab.requests.filter(({ path }) => path === virusPattern).map(({ status }) => status),
      [200, 200],
    );
  });

  t.test('where nothing but the CRCs of a ZIP binds the two halves, by these', async (t) => {
    const { lab, store, mirror } = await mirrorBench(t);
    cutOnce(lab);
    lab.faults.on({ kind: 'noValidators' });
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(first, store), []);
    const tries = lab.requests.filter(({ path }) => path === virusPattern);
    t.match(
      tries.map(({ status, range }) => ({ status, range })),
      [
        { status: 200, range: null },
        { status: 206, range: /^bytes=[1-9]\d*-$/ },
      ],
    );
  });
});
