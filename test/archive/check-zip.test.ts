import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { fromBufferPromise } from 'yauzl';
import { checkArchive } from '../../src/archive/check-archive.ts';
import { bufferReader } from '../support/buffer-reader.ts';
import { makeZip, type ZipEntry } from '../support/make-zip.ts';

const check = (bytes: Buffer) => checkArchive(bufferReader(bytes), 'pattern/a.zip');
const damaged = (reason: RegExp) => ({ code: 'RLY_ARCHIVE_DAMAGED', fields: { reason } });

const text = Buffer.from('A pattern is a list of what to look for. '.repeat(5));
const allKinds: readonly ZipEntry[] = [
  { name: 'deflated.ptn', data: text },
  { name: 'stored.ptn', data: text.subarray(0, 50), compress: false },
  { name: 'empty.ptn', data: Buffer.alloc(0) },
  { name: 'streamed.ptn', data: text.subarray(20), streamed: true },
  { name: 'folder/', data: Buffer.alloc(0) },
];

const LOCAL = Buffer.from('PK\x03\x04');
const CENTRAL = Buffer.from('PK\x01\x02');

/** Changes the first local header and the first entry of the directory; `offset` is that within a local header. */
function patchBoth(bytes: Buffer, offset: number, write: (at: number, copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  write(copy.indexOf(LOCAL) + offset, copy);
  // All fields up to the name's length lie two bytes further on in the directory (APPNOTE.TXT §4.3.12).
  write(copy.indexOf(CENTRAL) + offset + 2, copy);
  return copy;
}

/** Everything an agent would unpack: name, then content. */
async function unpack(bytes: Buffer): Promise<Buffer> {
  const zip = await fromBufferPromise(bytes, { decodeStrings: false });
  const parts: Buffer[] = [];
  for await (const entry of zip.eachEntry()) {
    parts.push(entry.fileNameRaw, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return Buffer.concat(parts);
}

t.test('every kind of entry is proven', async (t) => {
  t.equal(await check(await makeZip(allKinds, { comment: 'released today' })), 'structure');
  t.equal(await check(await makeZip([])), 'structure', 'an archive of nothing is whole');
});

t.test('entries longer than a read are proven', async (t) => {
  const long = randomBytes(1_500_000);
  t.equal(
    await check(
      await makeZip([
        { name: 'stored', data: long, compress: false },
        { name: 'deflated', data: long },
      ]),
    ),
    'structure',
  );
});

t.test('names are never used, so no name is dangerous', async (t) => {
  const bytes = await makeZip([{ name: 'aaaaaaaaaaaa', data: text }]);
  const hostile = Buffer.from(bytes.toString('latin1').replaceAll('aaaaaaaaaaaa', '../../../etc'), 'latin1');
  t.equal(await check(hostile), 'structure');
});

t.test('a flipped bit anywhere is refused, or changes nothing that is unpacked', async (t) => {
  const bytes = await makeZip(allKinds, { comment: 'released today' });
  const content = await unpack(bytes);
  let refused = 0;
  for (let position = 0; position < bytes.length; position += 1) {
    const flipped = Buffer.from(bytes);
    // One bit of each byte, another one in each neighbour: all eight come up many times.
    flipped.writeUInt8(flipped.readUInt8(position) ^ (1 << (position % 8)), position);
    const verdict: unknown = await check(flipped).catch((error: unknown) => error);
    if (verdict !== 'structure') refused += 1;
    else if (!(await unpack(flipped)).equals(content)) t.fail(`a flip at byte ${position} went unseen`);
  }
  t.ok(refused > bytes.length / 2, `${refused} of ${bytes.length} flips were refused`);
});

t.test('a flipped bit in what is unpacked is always refused', async (t) => {
  const bytes = await makeZip([{ name: 'a', data: text }]);
  const first = 30 + 1;
  const last = bytes.indexOf(CENTRAL);
  for (let position = first; position < last; position += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(position) ^ (1 << bit), position);
      const verdict: unknown = await check(flipped).catch(() => 'refused');
      const harmless =
        verdict === 'structure' && (await unpack(flipped)).equals(Buffer.concat([Buffer.from('a'), text]));
      if (verdict !== 'refused' && !harmless) t.fail(`bit ${bit} of byte ${position}: ${String(verdict)}`);
    }
  }
});

t.test('every torn copy is refused', async (t) => {
  const bytes = await makeZip(allKinds);
  for (let length = LOCAL.length; length < bytes.length; length += 1) {
    const verdict: unknown = await check(bytes.subarray(0, length)).catch(() => 'refused');
    if (verdict !== 'refused') t.fail(`${length} of ${bytes.length} bytes: ${String(verdict)}`);
  }
});

t.test('a hole of zeros, as a crash leaves it, is refused', async (t) => {
  const bytes = await makeZip([{ name: 'a', data: randomBytes(50_000), compress: false }]);
  await t.rejects(check(Buffer.from(bytes).fill(0, 20_000, 24_096)), damaged(/wrong CRC-32: \w{8}, expected \w{8}/));
});

t.test('two archives spliced into one are refused', async (t) => {
  const one = await makeZip([{ name: 'a', data: randomBytes(5_000) }]);
  const other = await makeZip([{ name: 'a', data: randomBytes(5_000) }]);
  await t.rejects(check(Buffer.concat([one.subarray(0, 2_500), other.subarray(2_500)])), damaged(/entry 1/));
});

t.test('a header that contradicts the directory is named', async (t) => {
  const bytes = await makeZip([{ name: 'a', data: text }]);
  const contradictions: [number, RegExp][] = [
    [6, /two sets of flags/],
    [8, /two methods/],
    [14, /two checksums/],
    [18, /two packed sizes/],
    [22, /two sizes/],
    [30, /two names/],
  ];
  for (const [offset, reason] of contradictions) {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(offset) ^ 1, offset);
    await t.rejects(check(copy), damaged(reason), String(reason));
  }
});

t.test('a data descriptor must describe the data', async (t) => {
  const bytes = await makeZip([{ name: 'a', data: text, streamed: true }]);
  const descriptor = bytes.indexOf('PK\x07\x08');
  for (const offset of [4, 8, 12]) {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(descriptor + offset) ^ 1, descriptor + offset);
    await t.rejects(check(copy), damaged(/wrong data descriptor/));
  }
});

t.test('a data descriptor may lack its signature', async (t) => {
  const bytes = await makeZip([{ name: 'a', data: text, streamed: true }]);
  const descriptor = bytes.indexOf('PK\x07\x08');
  const shorter = Buffer.concat([bytes.subarray(0, descriptor), bytes.subarray(descriptor + 4)]);
  const end = shorter.length - 22;
  shorter.writeUInt32LE(shorter.readUInt32LE(end + 16) - 4, end + 16);
  t.equal(await check(shorter), 'structure');
});

t.test('data cannot reach into the directory', async (t) => {
  const bytes = await makeZip([{ name: 'a', data: text, compress: false }]);
  const longer = patchBoth(
    patchBoth(bytes, 18, (at, copy) => copy.writeUInt32LE(text.length + 1, at)),
    22,
    (at, copy) => copy.writeUInt32LE(text.length + 1, at),
  );
  await t.rejects(check(longer), damaged(/reaches into the directory/));
});

t.test('no entry can be hidden from the directory', async (t) => {
  const bytes = await makeZip(allKinds);
  const end = bytes.length - 22;
  bytes.writeUInt16LE(allKinds.length - 1, end + 8);
  bytes.writeUInt16LE(allKinds.length - 1, end + 10);
  await t.rejects(check(bytes), damaged(/its directory has \d+ bytes, its end says \d+/));
});

t.test('what cannot be unpacked here is not judged', async (t) => {
  const bytes = await makeZip([{ name: 'a', data: text }, ...allKinds]);
  const withFlags = (flags: number) => patchBoth(bytes, 6, (at, copy) => copy.writeUInt16LE(flags, at));
  t.equal(await check(withFlags(0x0801)), 'size', 'encrypted');
  t.equal(await check(withFlags(0x0841)), 'size', 'strongly encrypted');
  t.equal(await check(patchBoth(bytes, 8, (at, copy) => copy.writeUInt16LE(14, at))), 'size', 'LZMA');
});

t.test('what can be unpacked beside it still must be right', async (t) => {
  const bytes = await makeZip([
    { name: 'a', data: text },
    { name: 'b', data: randomBytes(500), compress: false },
  ]);
  const encrypted = patchBoth(bytes, 6, (at, copy) => copy.writeUInt16LE(0x0801, at));
  const inB = encrypted.indexOf(CENTRAL) - 1;
  encrypted.writeUInt8(encrypted.readUInt8(inB) ^ 1, inB);
  await t.rejects(check(encrypted), damaged(/entry 2 .*wrong CRC-32/));
});

t.test('an entry may be in ZIP64 format though the archive is not', async (t) => {
  for (const streamed of [true, false]) {
    const bytes = await makeZip([{ name: 'a', data: text, zip64: true, streamed }]);
    t.equal(await check(bytes), 'structure');
    const inside = bytes.indexOf(CENTRAL) - (streamed ? 8 : 1);
    bytes.writeUInt8(bytes.readUInt8(inside) ^ 1, inside);
    await t.rejects(check(bytes), damaged(/./));
  }
});

t.test('a ZIP64 is unpacked and compared, but its frame is not judged', async (t) => {
  const bytes = await makeZip(allKinds, { forceZip64Format: true });
  t.equal(await check(bytes), 'size');
  const at = bytes.indexOf('deflated.ptn') + 'deflated.ptn'.length + 10;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await t.rejects(check(bytes), damaged(/./));
});

t.test('a bomb is left alone', async (t) => {
  const bytes = await makeZip(allKinds);
  const second = bytes.indexOf(CENTRAL, bytes.indexOf(CENTRAL) + 1);
  // Deflate, and 4 GiB: together with the first entry too much. Nothing is unpacked to find out.
  bytes.writeUInt16LE(8, second + 10);
  bytes.writeUInt32LE(0xffff_fffe, second + 24);
  t.equal(await check(bytes), 'size');
});
