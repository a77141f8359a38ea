import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import t, { type Test } from 'tap';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import { flipBit } from '../storage/damages.ts';
import { blobFile, onDisk, temporaryFolder } from '../storage/store-folder.ts';
import { eventually } from '../support/eventually.ts';
import { generationDifferences } from '../support/release-truth.ts';
import { catalogue, mirrorBench } from '../support/mirror-bench.ts';

const first = catalogue.release(1);
const second = catalogue.release(2);

/** A store in `path` with the first release as its generation; answers the bytes it holds. */
async function storeWithFirst(t: Test, path: string): Promise<number> {
  let held = 0;
  await t.test('the first release is mirrored', async (t) => {
    const { mirror, store } = await mirrorBench(t, { path });
    await mirror.update('administrator');
    held = store.usage().bytes;
  });
  return held;
}

t.test('a full store', async (t) => {
  const path = temporaryFolder(t);
  const held = await storeWithFirst(t, path);

  t.test('fails the update and keeps the generation it has, whole', async (t) => {
    // Room for the release alone, not beside the one that is here.
    const maxSize = Math.max(held, parseManifest(second.index).totalSize) + 1000;
    const { store, mirror, events } = await mirrorBench(t, { path, release: second, maxSize });
    await t.rejects(mirror.update('administrator'), {
      code: 'RLY_STORAGE_FULL',
      fault: 'storage',
      fields: { path, reason: new RegExp(`storage\\.maxSize is ${maxSize}$`) },
    });
    t.match(mirror.view(), { phase: 'idle', lastError: /^RLY_STORAGE_FULL: no room for \d+ bytes/ });
    t.match(events.of('update.failed'), [{ generation: 1, error: /^RLY_STORAGE_FULL/ }]);
    t.equal(store.generations.list().length, 1);
    t.strictSame(await generationDifferences(first, store), []);
    t.equal(store.usage().reserved, 0);
    // A note may be on its way to the disk at any moment: none stays.
    await eventually('no temporaries are left', () => onDisk(path).temporaries.length === 0);
  });

  t.test('refuses an index whose objects could never fit, before it fetches one', async (t) => {
    const { lab, store, mirror } = await mirrorBench(t, { path, release: second, maxSize: held });
    await t.rejects(mirror.update('administrator'), {
      code: 'RLY_UPDATE_NO_SOURCE',
      cause: { errors: [{ code: 'RLY_MANIFEST_TOO_LARGE', fields: { expected: held } }] },
    });
    t.equal(lab.requests.length, 1);
    t.strictSame(await generationDifferences(first, store), []);
  });

  t.test('updates by itself once there is room', async (t) => {
    const { store, mirror } = await mirrorBench(t, { path, release: second });
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(second, store), []);
  });
});

t.test('releases that never came whole do not fill the store for good', async (t) => {
  // Big enough to count beside the 6 MiB that signatures under way may take.
  const large = createCatalogue({ shape: 'small', scale: 0.1 });
  const path = temporaryFolder(t);
  const sizeOf = (number: number) =>
    parseManifest(large.release(number).index)
      .objects.filter(({ kind }) => kind !== 'program')
      .reduce((sum, { size }) => sum + size, 0);
  const maxSize = Math.round(2.5 * sizeOf(1));
  const options = { path, maxSize, programs: false, keepGenerations: 1, release: large.release(1) };
  const { lab, store, mirror } = await mirrorBench(t, options);
  await mirror.update('administrator');
  for (const number of [2, 3, 4, 5]) {
    lab.publish(large.release(number));
    let asked = 0;
    const gone = lab.faults.on({
      kind: 'status',
      status: 403,
      // All objects come, and then the index cannot be confirmed.
      match: (object) => object === 'server.ini' && (asked += 1) > 1,
    });
    await t.rejects(mirror.update('administrator'), {
      code: 'RLY_UPDATE_NO_SOURCE',
      message: /server\.ini answered 403/,
    });
    gone();
    t.ok(store.staging.list().some(({ path: staged }) => staged.startsWith('pattern/vsapi')));
  }
  t.match(await mirror.update('administrator'), { result: 'published', generation: 2 });
  t.strictSame(await generationDifferences(large.release(5), store, undefined, { programs: false }), []);
  t.ok(store.usage().bytes < 1.1 * sizeOf(5), 'one release is held');
});

/** What the lab sent, each once: a file that is not there it cannot send. */
const sent = ({ requests }: LabServer): string[] => [
  ...new Set(requests.flatMap(({ path, status }) => (status === 200 ? [path] : []))),
];

t.test('what is damaged on disk is fetched again although the index has not changed', async (t) => {
  const path = temporaryFolder(t);
  const { lab, store, mirror } = await mirrorBench(t, { path });
  await mirror.update('administrator');
  const generation = store.generations.current();
  const pattern = generation?.objects.find((object) => object.path === 'pattern/tscptn.zip');
  if (!generation || !pattern) throw new Error('the first release has no such pattern');

  t.test('an object', async (t) => {
    await rm(blobFile(path, pattern.sha256));
    lab.reset();
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(first, store), []);
    t.strictSame(await generationDifferences(first, store, generation), [], 'and so the one before is whole again');
    t.strictSame(sent(lab), ['server.ini', pattern.path], 'not one signature: they are of this very index');
  });

  t.test('the index', async (t) => {
    await rm(blobFile(path, generation.index.sha256));
    lab.reset();
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(first, store), []);
    t.strictSame(sent(lab), ['server.ini']);
  });

  t.test('and then a look at the source is one conditional request again', async (t) => {
    lab.reset();
    t.match(await mirror.update('administrator'), { result: 'unchanged' });
    t.match(lab.requests, [{ path: 'server.ini', status: 304 }]);
  });
});

t.test('what cannot be deleted is told, and is no reason to go without an update', async (t) => {
  const path = temporaryFolder(t);
  const { lab, store, mirror, events } = await mirrorBench(t, { path, keepGenerations: 1 });
  await mirror.update('administrator');
  const onlyFirst = store.generations.current()?.objects.find((object) => object.path === 'pattern/vsapi985.zip');
  if (!onlyFirst) throw new Error('the first release has no such pattern');
  const file = blobFile(path, onlyFirst.sha256);
  await rm(file);
  await mkdir(file);
  lab.publish(second);
  t.match(await mirror.update('administrator'), { result: 'published' });
  t.match(events.of('store.not-collected'), [{ error: new RegExp(file) }]);
  t.match(mirror.view(), { lastError: null });
  t.strictSame(await generationDifferences(second, store), []);
});

for (const [name, damage] of Object.entries({ flipped: flipBit, gone: rmSync })) {
  t.test(
    `bug: an index that was ${name} on disk stayed so while its source said that nothing had changed`,
    async (t) => {
      const path = temporaryFolder(t);
      const { mirror, store, events } = await mirrorBench(t, { path });
      await mirror.update('schedule');
      const { sha256 = '' } = store.generations.current()?.index ?? {};
      damage(blobFile(path, sha256));
      t.match(await mirror.update('schedule'), { result: 'published' });
      t.match(events.of('blob.broken'), [{ sha256 }]);
      t.strictSame(await generationDifferences(first, store), []);
      t.match(await mirror.update('schedule'), { result: 'unchanged' });
    },
  );
}
