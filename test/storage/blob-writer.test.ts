import t from 'tap';
import { isRelayError } from '../../src/errors/relay-error.ts';
import { BUFFER_BYTES, giveBuffer, takeBuffer } from '../../storage/write-buffers.ts';
import * as fc from '../support/fast-check.ts';
import { bytesOf, put } from './sample.ts';
import { openAt, temporaryFolder } from './store-folder.ts';

const SIZE = 3 * BUFFER_BYTES;
const whole = bytesOf('what is written', SIZE);

t.test('what a writer has is read at any place: on disk, on its way there, or only gathered', async (t) => {
  const store = await openAt(t, temporaryFolder(t));
  const window = fc.tuple(fc.integer({ min: 0, max: SIZE }), fc.integer({ min: 0, max: BUFFER_BYTES + 10 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: BUFFER_BYTES }), window), { maxLength: 12 }),
      async (steps) => {
        const writer = await store.blobs.create(SIZE);
        for (const [length, [position, wanted]] of steps) {
          const { size } = writer;
          const written = writer.write(whole.subarray(size, Math.min(SIZE, size + length)));
          const here = writer.size;
          const target = Buffer.alloc(wanted);
          const read = await writer.read(target, position);
          if (read < Math.min(wanted, here - position)) return false;
          if (!target.subarray(0, read).equals(whole.subarray(position, position + read))) return false;
          await written;
        }
        await writer.abort();
        return true;
      },
    ),
    { numRuns: 60 },
  );
});

const codeOf = (error: unknown): string => (isRelayError(error) ? error.code : String(error));

t.test('a writer that is given up in the middle of a write touches no buffer of another', async (t) => {
  const store = await openAt(t, temporaryFolder(t));
  for (let turns = 0; turns < 20; turns += 1) {
    const dropped = await store.blobs.create(SIZE);
    const write = dropped.write(Buffer.alloc(SIZE, 'x')).then(() => 'whole', codeOf);
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
    const abort = dropped.abort();
    const blob = await put(store.blobs, whole);
    await abort;
    t.match(await write, /^(whole|RLY_INTERNAL)$/);
    t.ok((await store.blobs.read(blob)).equals(whole));
    await store.blobs.retainParts(() => false);
  }
});

t.test('a buffer is in one pair of hands, and few stay in none', (t) => {
  const buffers = Array.from({ length: 40 }, () => takeBuffer(BUFFER_BYTES));
  t.equal(new Set(buffers).size, 40);
  for (const buffer of buffers) giveBuffer(buffer);
  const again = Array.from({ length: 40 }, () => takeBuffer(BUFFER_BYTES));
  t.equal(new Set(again).size, 40);
  t.equal(again.filter((buffer) => buffers.includes(buffer)).length, 12);
  giveBuffer(takeBuffer(10));
  t.equal(takeBuffer(BUFFER_BYTES).length, BUFFER_BYTES, 'a small one is no whole one');
  t.end();
});
