import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { checkArchive } from '../../src/archive/check-archive.ts';
import { bufferReader } from '../support/buffer-reader.ts';
import { makeZip } from '../support/make-zip.ts';

const check = (bytes: Buffer, path = 'pattern/vsapi241.zip') => checkArchive(bufferReader(bytes), path);
const damaged = (reason: string | RegExp) => ({ code: 'RLY_ARCHIVE_DAMAGED', fields: { reason } });

t.test('a whole ZIP is proven', async (t) => {
  const bytes = await makeZip([{ name: 'VSAPI.241', data: Buffer.from('pattern '.repeat(1000)) }]);
  t.equal(await check(bytes), 'structure');
  t.equal(await check(bytes, 'pattern/v_239.241'), 'structure', 'whatever its name');
});

t.test('an empty file is damaged', async (t) => {
  await t.rejects(check(Buffer.alloc(0)), {
    code: 'RLY_ARCHIVE_DAMAGED',
    fields: { path: 'pattern/vsapi241.zip', reason: 'it is empty' },
  });
});

t.test('a web page in place of a component is damaged', async (t) => {
  for (const page of [
    '<!DOCTYPE html><title>Please log in</title>',
    '\uFEFF\r\n  <html lang="en"><body>Blocked by your administrator</body></html>',
    '<HTML>',
    `${' '.repeat(500)}<!doctype  html>`,
  ]) {
    await t.rejects(check(Buffer.from(page)), damaged('it is a web page'), page.trim());
  }
});

t.test('what begins as a ZIP must end as one, without a byte more', async (t) => {
  const bytes = await makeZip([{ name: 'a', data: Buffer.from('content') }], { comment: 'a comment' });
  await t.rejects(check(bytes.subarray(0, bytes.length - 1)), damaged(/does not end as one/));
  await t.rejects(check(Buffer.concat([bytes, Buffer.from('x')])), damaged(/does not end as one/));
  await t.rejects(check(bytes.subarray(0, 4)), damaged(/does not end as one/));
});

t.test('what ends as a ZIP must begin as one', async (t) => {
  const bytes = await makeZip([{ name: 'a', data: Buffer.from('content') }]);
  await t.rejects(check(bytes.subarray(1)), damaged(/does not reach to its end/));
  await t.rejects(check(Buffer.concat([Buffer.from('MZ'), bytes])), damaged(/does not reach to its end/));
});

t.test('what is neither is not judged: nobody documents every format', async (t) => {
  t.equal(await check(Buffer.from('delta'), 'pattern/v_239.241'), 'size');
  t.equal(await check(Buffer.from('x')), 'size');
  t.equal(await check(Buffer.alloc(200_000)), 'size');
  // An end record's four bytes, by chance, and no record behind them.
  t.equal(await check(Buffer.concat([Buffer.alloc(100), Buffer.from('PK\x05\x06'), Buffer.alloc(100, 7)])), 'size');
});

t.test('bytes of any kind get an answer', async () => {
  const anything = fc.uint8Array({ minLength: 1, maxLength: 2000 });
  const zipLike = anything.map((bytes) => Buffer.concat([Buffer.from('PK\x03\x04'), bytes]));
  await fc.assert(fc.asyncProperty(anything, async (bytes) => (await check(Buffer.from(bytes))) === 'size'));
  await fc.assert(
    fc.asyncProperty(zipLike, async (bytes) => {
      const refused: unknown = await check(bytes).catch((error: unknown) => error);
      return refused instanceof Error && 'code' in refused && refused.code === 'RLY_ARCHIVE_DAMAGED';
    }),
  );
});

t.test('an error of the reader is not blamed on the archive', async (t) => {
  const bytes = await makeZip([
    { name: 'a', data: Buffer.from('streamed'), streamed: true },
    { name: 'b', data: Buffer.from('not') },
  ]);
  const broken = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
  let failAt = 1;
  for (; ; failAt += 1) {
    let reads = 0;
    const reader = bufferReader(bytes, () => {
      reads += 1;
      if (reads === failAt) throw broken;
    });
    const outcome: unknown = await checkArchive(reader, 'a.zip').catch((error: unknown) => error);
    if (outcome === 'structure') break;
    t.equal(outcome, broken, `read ${failAt}`);
  }
  t.ok(failAt > 8, 'every read had its turn');
});
