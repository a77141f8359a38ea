import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import t from 'tap';
import { createContents } from '../../src/delivery/contents.ts';
import { createHotMemory } from '../../src/delivery/hot-memory.ts';
import type { Blob, BlobReader, Store } from '../../src/ports/store.ts';
import { eventually } from '../support/eventually.ts';
import { stockedStore } from '../support/stocked-store.ts';

const KIB = 1024;

/** The blobs of a store, and how often each way to them was taken. */
function counting({ blobs }: Store) {
  const taken = { read: 0, open: 0 };
  return {
    taken,
    read(blob: Blob) {
      taken.read += 1;
      return blobs.read(blob);
    },
    open(blob: Blob) {
      taken.open += 1;
      return blobs.open(blob);
    },
  };
}

const textOf = (content: Buffer | BlobReader): string => (Buffer.isBuffer(content) ? content.toString() : '(a reader)');

t.test('a hundred that ask for a small blob at once cause one read, and later ones none', async (t) => {
  const { store, publish } = await stockedStore(t);
  const { index } = await publish({}, 'content');
  const blobs = counting(store);
  const contents = createContents({ blobs, memory: 64 * KIB, hot: createHotMemory(0) });
  const all = await Promise.all(Array.from({ length: 100 }, async () => textOf(await contents.get(index))));
  t.strictSame(new Set(all), new Set(['content']));
  t.ok(Buffer.isBuffer(contents.get(index)), 'at hand, without a promise');
  t.strictSame(blobs.taken, { read: 1, open: 0 });
});

t.test('the memory holds what fits, and forgets what was not asked for', async (t) => {
  const { store, publish } = await stockedStore(t);
  const { objects } = await publish({ 'a.zip': randomBytes(40 * KIB), 'b.zip': randomBytes(40 * KIB) });
  const blobs = counting(store);
  const contents = createContents({ blobs, memory: 64 * KIB, hot: createHotMemory(0) });
  for (const object of [...objects, ...objects]) t.ok(Buffer.isBuffer(await contents.get(object)));
  t.equal(blobs.taken.read, 4);
});

t.test('without memory, those who ask together still get what they asked for', async (t) => {
  const { store, publish } = await stockedStore(t);
  const { objects } = await publish({ 'a.zip': 'content a', 'b.zip': 'content b' });
  const contents = createContents({ blobs: store.blobs, memory: 0, hot: createHotMemory(0) });
  const all = await Promise.all([...objects, ...objects].map(async (object) => textOf(await contents.get(object))));
  t.strictSame(all, ['content a', 'content b', 'content a', 'content b']);
});

t.test('a large blob is proven once, however many ask, and opened for each', async (t) => {
  const { store, publish } = await stockedStore(t);
  const large = randomBytes(1024 * KIB + 1);
  const { objects } = await publish({ 'a.zip': large });
  const blobs = counting(store);
  const contents = createContents({ blobs, memory: 64 * KIB, hot: createHotMemory(0) });
  const asked = [...objects, ...objects, ...objects].map(async (object) => contents.get(object));
  for (const reader of await Promise.all(asked)) {
    if (Buffer.isBuffer(reader)) t.fail('a large blob in memory');
    else await reader.close();
  }
  t.strictSame(blobs.taken, { read: 0, open: 4 });
});

t.test('who had to open a large blob has it from memory once it has come there', async (t) => {
  const { store, publish } = await stockedStore(t);
  const large = randomBytes(1024 * KIB + 1);
  const { objects } = await publish({ 'a.zip': large });
  const [object] = objects;
  if (!object) throw new Error('nothing was published');
  const contents = createContents({ blobs: store.blobs, memory: 64 * KIB, hot: createHotMemory(4096 * KIB) });
  const first = await contents.get(object);
  if (Buffer.isBuffer(first)) throw new Error('nobody has asked for it before');
  t.equal(first.slice?.(0, 10), undefined);
  const second = await contents.get(object); // from now on it is worth the memory
  if (!Buffer.isBuffer(second)) await second.close();
  const slice = await eventually('it is in memory', () => first.slice?.(5, 10));
  t.ok(slice.equals(large.subarray(5, 10)));
  await first.close();
});

t.test('a failure is not remembered', async (t) => {
  const { store, publish, fileOf } = await stockedStore(t);
  const { index } = await publish({}, 'content');
  const contents = createContents({ blobs: store.blobs, memory: 64 * KIB, hot: createHotMemory(0) });
  await rm(fileOf(index));
  await t.rejects(async () => contents.get(index), { code: 'RLY_STORAGE_BLOB_BROKEN' });
  await publish({}, 'content');
  t.equal(textOf(await contents.get(index)), 'content');
});
