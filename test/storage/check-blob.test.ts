import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { DAMAGES } from './damages.ts';
import { bytesOf, draftIn, PUBLISHED_AT, put, sha256Of } from './sample.ts';
import { blobFile, MIB, openAt, temporaryFolder } from './store-folder.ts';

/** More than one piece. */
const bytes = bytesOf('victim', 700_000);
const blob = { sha256: sha256Of(bytes), size: bytes.length };

async function storeWithVictim(t: Test) {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  await put(store.blobs, bytes);
  return { store, file: blobFile(path, blob.sha256) };
}

t.test('a blob that is what its name says is right, and is read in pieces', async (t) => {
  const { store, file } = await storeWithVictim(t);
  const pieces: number[] = [];
  t.equal(await store.check(blob, async (count) => void pieces.push(count)), null);
  t.equal(
    pieces.reduce((sum, count) => sum + count, 0),
    blob.size,
  );
  t.ok(Math.max(...pieces) < blob.size, 'never the whole of it in memory');
  t.ok(existsSync(file));
  t.equal(await store.check(await put(store.blobs, Buffer.alloc(0))), null, 'an empty one too');
});

for (const [name, { reason, make, options }] of Object.entries(DAMAGES)) {
  t.test(`a blob that is ${name} is told, and counts as missing`, options ?? {}, async (t) => {
    const { store, file } = await storeWithVictim(t);
    make(file, bytes);
    t.match(await store.check(blob), reason);
    t.notOk(await store.blobs.has(blob));
    if (name !== 'a folder') {
      t.notOk(existsSync(file));
      t.equal(store.usage().bytes, 0, 'the books say so too');
    }
    t.strictSame(await put(store.blobs, bytes), blob);
    t.equal(await store.check(blob), null);
    t.equal(store.usage().bytes, blob.size);
  });
}

t.test('a folder in the place of a blob is left alone, with all that is in it', async (t) => {
  const { store, file } = await storeWithVictim(t);
  rmSync(file);
  mkdirSync(file);
  writeFileSync(join(file, 'somebody’s'), 'work');
  t.match(await store.check(blob), /^is no regular file, and could not be deleted: /);
  t.equal(readFileSync(join(file, 'somebody’s'), 'utf8'), 'work');
});

t.test('a blob that was collected before its turn came is not broken; one under way is not collected', async (t) => {
  const { store } = await storeWithVictim(t);
  await store.generations.publish(await draftIn(store.blobs, 'index', []), PUBLISHED_AT);
  const [flaw, freed] = await Promise.all([store.check(blob), store.collect(new Set())]);
  t.strictSame({ flaw, freed }, { flaw: null, freed: 0 });
  t.equal(await store.collect(new Set()), blob.size);
  t.equal(await store.check(blob), null);
});

t.test('a blob that came anew while the damaged one was being read is not deleted', async (t) => {
  const { store, file } = await storeWithVictim(t);
  writeFileSync(file, bytesOf('other', bytes.length));
  let healed = false;
  const flaw = await store.check(blob, async () => {
    if (healed) return;
    healed = true;
    // As an answer to an agent does that finds it damaged.
    await store.blobs.read(blob).catch(() => {});
    await put(store.blobs, bytes);
  });
  t.equal(flaw, null);
  t.strictSame(await store.blobs.read(blob), bytes);
});

t.test('whoever paces a check can end it', async (t) => {
  const { store, file } = await storeWithVictim(t);
  writeFileSync(file, bytesOf('other', bytes.length));
  const enough = new Error('enough');
  await t.rejects(
    store.check(blob, () => Promise.reject(enough)),
    enough,
  );
  t.ok(existsSync(file), 'nothing was decided');
});

t.test('the books list every blob in the order of names', async (t) => {
  const store = await openAt(t, temporaryFolder(t), { maxSize: MIB });
  for (let number = 0; number < 20; number += 1) await put(store.blobs, bytesOf(`${number}`, number));
  const names = store.inventory().map(({ sha256 }) => sha256);
  t.strictSame(names, names.toSorted());
  t.equal(names.length, 20);
  t.equal(
    store.inventory().reduce((sum, { size }) => sum + size, 0),
    store.usage().bytes,
  );
});
