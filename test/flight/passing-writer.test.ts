import { createHash } from 'node:crypto';
import t, { type Test } from 'tap';
import { RelayError } from '../../src/errors/relay-error.ts';
import { passingWriter } from '../../src/flight/passing-writer.ts';
import type { BlobWriter } from '../../src/ports/store.ts';
import { bytesOf } from '../storage/sample.ts';
import { badSector, fullDisk } from '../support/broken-disk.ts';
import { openAt, temporaryFolder } from '../storage/store-folder.ts';

const bytes = bytesOf('passing', 700_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const FULL = new RelayError('RLY_STORAGE_FULL', { bytes: 1, path: '/p', reason: 'the disk is full' });

/** A writer into a store, of which one call fails from now on; the way of a flight, which has each byte in memory first. */
async function failing(t: Test, call: keyof BlobWriter | null, error: Error = FULL) {
  const store = await openAt(t, temporaryFolder(t));
  const disk = await store.blobs.create(bytes.length, { exact: true, part: 'it' });
  const buffer = Buffer.alloc(bytes.length);
  const refusing = call && { [call]: async () => Promise.reject(error) };
  const { writer, isOnDisk } = passingWriter(
    Object.create(disk, Object.getOwnPropertyDescriptors({ ...refusing })),
    buffer,
  );
  const write = async (from: number, to: number): Promise<void> => {
    bytes.copy(buffer, from, from, to);
    await writer.write(bytes.subarray(from, to));
  };
  return { store, writer, isOnDisk, write };
}

const FROM = { source: 'http://127.0.0.1/download', etag: '"1"', lastModified: null };

t.test('a disk that takes it all gets it all', async (t) => {
  const { store, writer, isOnDisk, write } = await failing(t, null);
  await writer.note(FROM);
  await write(0, 1000);
  await writer.restart();
  await write(0, 500_000);
  await write(500_000, bytes.length);
  t.strictSame(await writer.commit(), { sha256, size: bytes.length });
  t.ok(isOnDisk());
  t.strictSame(await store.blobs.read({ sha256, size: bytes.length }), bytes);
});

for (const call of ['write', 'note', 'restart', 'commit'] as const) {
  t.test(`where ${call} fails for want of room, all of it is in memory, and nothing stays on disk`, async (t) => {
    const { store, writer, isOnDisk, write } = await failing(t, call);
    await write(0, 1000);
    await writer.note(FROM);
    await writer.restart();
    await write(0, 500_000);
    t.equal(writer.size, 500_000);
    await write(500_000, bytes.length);
    const announced: unknown[] = [];
    const blob = await writer.commit(async (it) => void announced.push(it));
    t.strictSame(blob, { sha256, size: bytes.length });
    t.strictSame(announced, [], 'what becomes no blob is not noted');
    const target = Buffer.alloc(10);
    await writer.read(target, 600_000);
    t.ok(target.equals(bytes.subarray(600_000, 600_010)));
    t.notOk(isOnDisk());
    await writer.keep();
    await writer.abort();
    t.match(store.usage(), { bytes: 0, reserved: 0 });
  });
}

t.test(
  'bug: what the disk could not write of the last bytes was told to who read them, and ended the download',
  async (t) => {
    const { store, writer, isOnDisk, write } = await failing(t, null);
    const roomAgain = await fullDisk(t);
    await write(0, bytes.length);
    const target = Buffer.alloc(10);
    await writer.read(target, bytes.length - 10);
    roomAgain();
    t.ok(target.equals(bytes.subarray(-10)));
    t.notOk(isOnDisk());
    t.strictSame(await writer.commit(), { sha256, size: bytes.length });
    t.match(store.usage(), { bytes: 0, reserved: 0 });
  },
);

t.test('what a part began with is read from the disk, and from nowhere else', async (t) => {
  const { writer, write, store } = await failing(t, null);
  await writer.note(FROM);
  await write(0, 1000);
  await writer.keep();
  const buffer = Buffer.alloc(bytes.length);
  const disk = await store.blobs.create(bytes.length, { exact: true, part: 'it' });
  const again = passingWriter(disk, buffer).writer;
  const readableAgain = await badSector(t);
  await t.rejects(again.read(buffer.subarray(0, 1000), 0), { code: 'RLY_STORAGE_IO' });
  readableAgain();
  await again.abort();
});

t.test('what is not the doing of the disk is thrown on', async (t) => {
  const changed = new RelayError('RLY_OBJECT_CHANGED', { url: 'http://s/a', found: 'a', expected: 'b' });
  for (const error of [changed, new Error('a bug')]) {
    const { writer, isOnDisk, write } = await failing(t, 'commit', error);
    await write(0, bytes.length);
    await t.rejects(writer.commit(), error);
    t.ok(isOnDisk());
    await writer.abort();
  }
});
