import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openStore } from '../../storage/open-store.ts';
import { storeCompliance } from './compliance.ts';
import { draftIn, PUBLISHED_AT, stagedOf } from './sample.ts';
import { onDisk, openAt, temporaryFolder } from './store-folder.ts';

t.test('the store on disk keeps the promises of the port', async (t) => {
  storeCompliance(t, async (t, maxSize) => {
    const options = { path: temporaryFolder(t), maxSize, minFree: 0, keepGenerations: 2 };
    let store = await openStore(options);
    t.teardown(() => store.close());
    return {
      store,
      reopen: async () => {
        await store.close();
        store = await openStore(options);
        return store;
      },
      audit(t) {
        const { bytes, temporaries } = onDisk(options.path);
        t.equal(store.usage().bytes, bytes, 'the ledger is what is on disk');
        t.equal(store.usage().reserved, 0);
        t.strictSame(temporaries, []);
      },
    };
  });
});

t.test('nobody else can read or write what is in the folder', async (t) => {
  const path = join(temporaryFolder(t), 'made', 'here');
  const store = await openAt(t, path);
  const draft = await draftIn(store.blobs, 'index', ['a']);
  await store.generations.publish(draft, PUBLISHED_AT);
  await store.staging.add(stagedOf('b', draft.index));
  const names = ['.', ...readdirSync(path, { recursive: true, encoding: 'utf8' })];
  t.ok(names.length > 10);
  for (const name of names) {
    const stats = lstatSync(join(path, name));
    t.equal(stats.mode & 0o777, stats.isDirectory() ? 0o700 : 0o600, name);
  }
});

t.test('names from upstream never become file names', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  const draft = await draftIn(store.blobs, 'index', ['../../../climbing', '/absolute']);
  await store.generations.publish(draft, PUBLISHED_AT);
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  t.notOk(names.some((name) => /climbing|absolute|pattern/.test(name)));
});

t.test('minFree is kept free on the disk, and named when it is in the way', async (t) => {
  const store = await openAt(t, temporaryFolder(t), { minFree: Number.MAX_SAFE_INTEGER });
  await t.rejects(store.blobs.create(1), { code: 'RLY_STORAGE_FULL', message: /storage\.minFree is 9007199254740991/ });
  t.equal(store.usage().reserved, 0);
});
