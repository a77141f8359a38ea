import t from 'tap';
import { followedWriter } from '../../src/flight/followed-writer.ts';
import type { Blob } from '../../src/ports/store.ts';
import { eventually } from '../support/eventually.ts';
import { bytesOf } from '../storage/sample.ts';
import { openAt, temporaryFolder } from '../storage/store-folder.ts';

const bytes = bytesOf('followed', 700_000);

t.test('what is written is read before, during and after the commit', async (t) => {
  const { blobs } = await openAt(t, temporaryFolder(t));
  const writer = await blobs.create(bytes.length, { exact: true });
  const followed = followedWriter(writer, blobs);
  const read = async (): Promise<boolean> => {
    const target = Buffer.alloc(1000);
    return (await followed.read(target, 600_000)) === 1000 && target.equals(bytes.subarray(600_000, 601_000));
  };
  await followed.write(bytes);
  t.equal(followed.size, bytes.length);
  const reads = [read()];
  const committed = followed.commit(async () => void reads.push(read()));
  reads.push(read());
  t.strictSame(await blobs.read(await committed), bytes);
  reads.push(read());
  t.strictSame(await Promise.all(reads), [true, true, true, true]);
});

t.test('of what could not be committed, nothing is read any more', async (t) => {
  const { blobs } = await openAt(t, temporaryFolder(t));
  const writer = await blobs.create(bytes.length, { exact: true });
  const followed = followedWriter(writer, blobs);
  await writer.write(bytes.subarray(0, 1000));
  const short = { code: 'RLY_STORAGE_LIMIT' };
  await t.rejects(followed.commit(), short);
  await t.rejects(followed.read(Buffer.alloc(10), 0), short);
  await followed.abort();
});

t.test('in all else it is the writer', async (t) => {
  const store = await openAt(t, temporaryFolder(t));
  const from = { source: 'http://127.0.0.1/download', etag: '"1"', lastModified: null };
  const create = async () =>
    followedWriter(await store.blobs.create(bytes.length, { exact: true, part: 'it' }), store.blobs);
  const first = await create();
  t.equal(first.found, null);
  await first.write(bytes.subarray(0, 10));
  await first.restart();
  await first.note(from);
  await first.write(bytes.subarray(0, 1000));
  await first.keep();
  const second = await create();
  t.match({ size: second.size, found: second.found }, { size: 1000, found: from });
  await second.abort();
  t.match(store.usage(), { bytes: 0, reserved: 0 });
});

t.test('one file is open for all who read along, from the commit to the last of them', async (t) => {
  const store = await openAt(t, temporaryFolder(t));
  let open = 0;
  const blobs = {
    async open(blob: Blob) {
      open += 1;
      const reader = await store.blobs.open(blob);
      return { ...reader, close: () => reader.close().then(() => void (open -= 1)) };
    },
  };
  const followed = followedWriter(await store.blobs.create(bytes.length, { exact: true }), blobs);
  const [leave, leaveToo] = [followed.follow(), followed.follow()];
  await followed.write(bytes);
  t.equal(open, 0, 'the writer has it');
  await followed.commit();
  const target = Buffer.alloc(1000);
  for (const position of [0, 5000]) {
    await followed.read(target, position);
    t.ok(target.equals(bytes.subarray(position, position + 1000)));
  }
  t.equal(open, 1);
  leave();
  leave();
  await followed.read(target, 0);
  t.equal(open, 1, 'another reads on');
  leaveToo();
  await eventually('it is closed', () => open === 0);
  const late = followed.follow();
  await followed.read(target, 7000);
  t.ok(target.equals(bytes.subarray(7000, 8000)));
  t.equal(open, 1);
  late();
  await eventually('it is closed again', () => open === 0);
});

t.test('a blob that cannot be opened is told to whoever reads, and to nobody else', async (t) => {
  const store = await openAt(t, temporaryFolder(t));
  const gone = new Error('gone');
  const blobs = { open: () => Promise.reject(gone) };
  const followed = followedWriter(await store.blobs.create(10), blobs);
  const leave = followed.follow();
  await followed.write(bytes.subarray(0, 10));
  await followed.commit();
  await t.rejects(followed.read(Buffer.alloc(10), 0), gone);
  leave();
  await followed.abort();
});
