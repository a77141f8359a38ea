import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openStore } from '../../storage/open-store.ts';
import { badInode, badSector } from '../support/broken-disk.ts';
import { DAMAGES, flipBit } from './damages.ts';
import { bytesOf, draftIn, PUBLISHED_AT, put, sha256Of } from './sample.ts';
import { blobFile, MIB, onDisk, openAt, temporaryFolder } from './store-folder.ts';

const bytes = bytesOf('victim');
const blob = { sha256: sha256Of(bytes), size: bytes.length };

/** What size and kind tell. */
const OUTRIGHT = Object.entries(DAMAGES).filter(([name]) => name !== 'flipped in one bit');

t.test(
  'a blob on a bad sector counts as missing until it comes anew, also for who found out in the middle of it',
  async (t) => {
    const path = temporaryFolder(t);
    const store = await openAt(t, path);
    await put(store.blobs, bytes);
    await using reader = await store.blobs.open(blob);
    const readableAgain = await badSector(t);
    const broken = {
      code: 'RLY_STORAGE_BLOB_BROKEN',
      fields: { sha256: blob.sha256, reason: 'cannot be read from the disk (EIO)' },
    };
    await t.rejects(reader.read(Buffer.alloc(10), 500), broken);
    readableAgain();
    // Once is enough: nobody waits for the disk to make up its mind.
    await t.rejects(store.blobs.open(blob), broken);
    t.notOk(await store.blobs.has(blob));
    t.strictSame(await put(store.blobs, bytes), blob);
    t.strictSame(await store.blobs.read(blob), bytes);
    t.equal(store.usage().bytes, 1000);
  },
);

t.test('a file of which not even the size can be had is damaged too', async (t) => {
  const store = await openAt(t, temporaryFolder(t));
  await put(store.blobs, bytes);
  const readableAgain = await badInode(t);
  await t.rejects(store.blobs.open(blob), { code: 'RLY_STORAGE_BLOB_BROKEN' });
  readableAgain();
  t.notOk(await store.blobs.has(blob));
  await put(store.blobs, bytes);
  t.strictSame(await store.blobs.read(blob), bytes);
});

t.test('bug: who still read the file on a bad sector had the one that came anew taken for unreadable', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  await put(store.blobs, bytes);
  await using first = await store.blobs.open(blob);
  await using slow = await store.blobs.open(blob);
  const readableAgain = await badSector(t);
  await t.rejects(first.read(Buffer.alloc(10), 500), { code: 'RLY_STORAGE_BLOB_BROKEN' });
  readableAgain();
  await put(store.blobs, bytes);
  const onceMore = await badSector(t);
  await t.rejects(slow.read(Buffer.alloc(10), 900), { code: 'RLY_STORAGE_BLOB_BROKEN' });
  onceMore();
  t.ok(await store.blobs.has(blob));
  t.strictSame(await store.blobs.read(blob), bytes);
});

t.test('a walk over the store takes a blob on a bad sector away', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  await put(store.blobs, bytes);
  const readableAgain = await badSector(t);
  t.equal(await store.check(blob), 'cannot be read from the disk (EIO)');
  readableAgain();
  t.strictSame(store.inventory(), []);
  t.equal(store.usage().bytes, 0);
  await put(store.blobs, bytes);
  t.equal(await store.check(blob), null);
});

for (const [name, { reason, make, options = {} }] of OUTRIGHT) {
  t.test(`a blob that is ${name} is refused at once, and healed by the next one that brings it`, options, async (t) => {
    const path = temporaryFolder(t);
    const store = await openAt(t, path);
    await put(store.blobs, bytes);
    make(blobFile(path, blob.sha256), bytes);
    t.notOk(await store.blobs.has(blob));
    const broken = { code: 'RLY_STORAGE_BLOB_BROKEN', fields: { sha256: blob.sha256, reason } };
    await t.rejects(store.blobs.open(blob), broken);
    await t.rejects(store.blobs.read(blob), broken);
    t.strictSame(await put(store.blobs, bytes), blob);
    t.strictSame(await store.blobs.read(blob), bytes);
    t.equal(store.usage().bytes, 1000);
  });

  t.test(`a generation with a blob that is ${name} is not served after a start`, options, async (t) => {
    const path = temporaryFolder(t);
    let store = await openStore({ path, maxSize: MIB, minFree: 0, keepGenerations: 3 });
    await store.generations.publish(await draftIn(store.blobs, 'index 1', ['other']), PUBLISHED_AT);
    await store.generations.publish(await draftIn(store.blobs, 'index 2', ['other', 'victim']), PUBLISHED_AT);
    await store.close();
    make(blobFile(path, blob.sha256), bytes);

    store = await openAt(t, path);
    t.equal(store.generations.current()?.number, 1, 'the one before is whole');
    t.match(store.recovery, {
      pointerMended: 'it names generation 2, which is not whole',
      generationsRefused: [{ number: 2, reason: `it lacks pattern/victim (blob ${blob.sha256}) and 0 other objects` }],
    });
    const again = await store.generations.publish(
      await draftIn(store.blobs, 'index 2', ['other', 'victim']),
      PUBLISHED_AT,
    );
    t.equal(again.number, 3, 'a number is never used twice');
  });
}

t.test('a flipped bit is found when the blob is read; from then on it is missing', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  await put(store.blobs, bytes);
  flipBit(blobFile(path, blob.sha256));
  t.ok(await store.blobs.has(blob), 'size and kind tell nothing');
  const found = sha256Of(readFileSync(blobFile(path, blob.sha256)));
  await t.rejects(store.blobs.read(blob), {
    code: 'RLY_STORAGE_BLOB_BROKEN',
    fields: { sha256: blob.sha256, reason: `has the hash ${found}` },
  });
  t.notOk(await store.blobs.has(blob));
  t.equal(store.usage().bytes, onDisk(path).bytes);
  await put(store.blobs, bytes);
  t.strictSame(await store.blobs.read(blob), bytes);
});

t.test('a blob cut while it is read ends in an error, never short', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  await put(store.blobs, bytes);
  await using reader = await store.blobs.open(blob);
  truncateSync(blobFile(path, blob.sha256), 600);
  await t.rejects(reader.read(Buffer.alloc(500), 500), {
    code: 'RLY_STORAGE_BLOB_BROKEN',
    fields: { reason: 'ends at byte 600, expected 1000' },
  });
});

t.test('a commit that cannot put its blob in place leaves nothing, and can be tried again', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  const folder = join(path, 'blobs', blob.sha256.slice(0, 2));
  writeFileSync(folder, 'in the way');
  await t.rejects(put(store.blobs, bytes), { code: 'RLY_STORAGE_IO', fields: { path: folder } });
  t.strictSame(onDisk(path).temporaries, []);
  t.match(store.usage(), { bytes: 0, reserved: 0 });
  rmSync(folder);
  t.strictSame(await put(store.blobs, bytes), blob);
});

t.test('a writer that cannot be opened gives its promise back', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  rmSync(join(path, 'tmp'), { recursive: true });
  await t.rejects(store.blobs.create(10), { code: 'RLY_STORAGE_IO', message: /ENOENT/ });
  t.equal(store.usage().reserved, 0);
});

t.test(
  'where no generation is whole, the newest that lacks only objects is served: the rest of it is right',
  async (t) => {
    const path = temporaryFolder(t);
    const store = await openStore({ path, maxSize: MIB, minFree: 0, keepGenerations: 3 });
    const lose = (name: string): void => rmSync(blobFile(path, sha256Of(bytesOf(name))));
    for (const index of ['index 1', 'index 2']) {
      await store.generations.publish(await draftIn(store.blobs, index, ['other', 'victim']), PUBLISHED_AT);
    }
    await store.close();
    lose('victim');
    const reason = `it lacks pattern/victim (blob ${blob.sha256}) and 0 other objects`;

    const lacking = await openStore({ path, maxSize: MIB, minFree: 0, keepGenerations: 3 });
    t.equal(lacking.generations.current()?.number, 2);
    t.match(lacking.recovery, {
      pointerMended: null,
      generationLacking: { number: 2, reason },
      generationsRefused: [{ number: 1, reason }],
    });
    t.match(await lacking.blobs.read({ sha256: sha256Of(bytesOf('other')), size: 1000 }), bytesOf('other'));
    await lacking.close();

    // Not one without its index: agents begin with that.
    lose('index 2');
    const before = await openStore({ path, maxSize: MIB, minFree: 0, keepGenerations: 3 });
    t.equal(before.generations.current()?.number, 1);
    t.match(before.recovery, {
      pointerMended: 'it names generation 2, which is not whole',
      generationLacking: { number: 1, reason },
    });
    await put(before.blobs, bytes);
    await before.close();

    const healed = await openAt(t, path);
    t.match(healed.recovery, { generationLacking: null, pointerMended: null });
    t.equal(healed.generations.current()?.number, 1);
  },
);
