import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { bytesOf, draftIn, PUBLISHED_AT, sha256Of } from './sample.ts';
import { blobFile, openAt, temporaryFolder } from './store-folder.ts';

/** A store with generations 1 and 2, as it is open, and where its files are. */
async function twoGenerations(t: Test) {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  for (const index of ['index 1', 'index 2']) {
    await store.generations.publish(await draftIn(store.blobs, index, ['a', index]), PUBLISHED_AT);
  }
  const files = ['current', 'generations/1', 'generations/2'].map((name) => join(path, name));
  return { path, store, files, content: () => files.map((file) => readFileSync(file, 'utf8')) };
}

t.test('what was damaged under a running store is written anew, and no more than that', async (t) => {
  const { path, store, files, content } = await twoGenerations(t);
  const before = content();
  await store.mend(new Set());
  t.strictSame(content(), before);
  const damages: Record<string, (file: string) => void> = {
    gone: (file) => rmSync(file),
    torn: (file) => truncateSync(file, 20),
    altered: (file) => writeFileSync(file, readFileSync(file, 'latin1').replace('2', '1'), 'latin1'),
  };
  for (const [name, damage] of Object.entries(damages)) {
    for (const file of files) damage(file);
    await store.mend(new Set());
    t.strictSame(content(), before, name);
  }
  t.strictSame(readdirSync(join(path, 'tmp')), []);
  await store.close();
  const { recovery, generations } = await openAt(t, path);
  t.match(recovery, { pointerMended: null, generationsRefused: [] });
  t.equal(generations.list().length, 2);
});

t.test('a generation that was refused at the start is deleted, once there is one to serve', async (t) => {
  const { path, store, files } = await twoGenerations(t);
  await store.close();
  for (const file of files.slice(1)) truncateSync(file, 300);
  const again = await openAt(t, path);
  t.equal(again.recovery.generationsRefused.length, 2);
  await again.mend(new Set());
  t.strictSame(
    readdirSync(join(path, 'generations')).toSorted(),
    ['1', '2'],
    'they are all that is known of the blobs',
  );
  await again.generations.publish(await draftIn(again.blobs, 'index 3', ['a']), PUBLISHED_AT);
  await again.mend(new Set());
  t.strictSame(readdirSync(join(path, 'generations')), ['3']);
  t.ok(existsSync(join(path, 'current')));
});

t.test('a generation that has lost a blob goes, unless it is current or agents work from it', async (t) => {
  const { path, store } = await twoGenerations(t);
  await store.generations.publish(await draftIn(store.blobs, 'index 3', ['a']), PUBLISHED_AT);
  for (const name of ['index 1', 'index 2', 'index 3']) rmSync(blobFile(path, sha256Of(bytesOf(name))));
  const left = () => store.generations.list().map(({ number }) => number);
  await store.mend(new Set([2]));
  t.strictSame(left(), [3, 2]);
  await store.mend(new Set());
  t.strictSame(left(), [3]);
  t.strictSame(readdirSync(join(path, 'generations')), ['3']);
});
