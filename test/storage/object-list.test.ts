import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { countingSyncs } from '../support/counting-syncs.ts';
import { stagedOf } from './sample.ts';
import { openAt, temporaryFolder } from './store-folder.ts';

const objects = Array.from({ length: 50 }, (_, n) => stagedOf(`pattern/${n}`, { sha256: 'a'.repeat(64), size: n }));

t.test('one sync is for all that came while another was under way', async (t) => {
  const store = await openAt(t, temporaryFolder(t));
  const syncs = await countingSyncs(t);
  await Promise.all(objects.map((object) => store.staging.add(object)));
  t.equal(syncs(), 1, 'they came together');
  await store.staging.add(stagedOf('later', { sha256: 'b'.repeat(64), size: 1 }));
  t.equal(syncs(), 2);
  t.strictSame(store.staging.list().slice(0, 50), objects, 'in their order');
});

t.test('what could not be written is told to each that waited for it, and listed for none', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  rmSync(join(path, 'staging'));
  mkdirSync(join(path, 'staging'));
  const told = await Promise.allSettled(objects.map((object) => store.staging.add(object)));
  for (const one of told) t.match(one, { status: 'rejected', reason: { code: 'RLY_STORAGE_IO' } });
  t.strictSame(store.staging.list(), []);
});
