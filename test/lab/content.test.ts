import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { checkArchive } from '../../src/archive/check-archive.ts';
import { makeContent, SIGNATURE_SIZE, SMALLEST_FILE } from '../../src/lab/content.ts';
import type { RandomReader } from '../../src/ports/store.ts';

function readerOf(bytes: Buffer): RandomReader {
  return { size: bytes.length, read: async (target, position) => bytes.copy(target, 0, position) };
}

t.test('a ZIP of any size is exactly as big as asked for, and whole', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.integer({ min: SMALLEST_FILE, max: 20_000 }), async (key, size) => {
      const bytes = await makeContent('zip', key, size);
      return bytes.length === size && (await checkArchive(readerOf(bytes), key)) === 'structure';
    }),
    { numRuns: 60 },
  );
  const big = await makeContent('zip', 'big', 3_000_000);
  t.equal(big.length, 3_000_000);
  t.equal(await checkArchive(readerOf(big), 'big'), 'structure');
});

t.test('half of what a ZIP holds is a deflated text', async (t) => {
  const bytes = await makeContent('zip', 'key', 10_000);
  t.equal(bytes.readUInt16LE(8), 8, 'the first entry is deflated');
  t.equal(bytes.readUInt32LE(22), 4896, 'and has half of the room');
});

t.test('opaque files and signatures are no ZIP, and exactly as big as asked for', async (t) => {
  const opaque = await makeContent('opaque', 'key', 1000);
  const signature = await makeContent('signature', 'pattern/v_983.985', SIGNATURE_SIZE);
  t.equal(opaque.length, 1000);
  t.equal(signature.length, SIGNATURE_SIZE);
  t.equal(await checkArchive(readerOf(opaque), 'opaque'), 'size');
  t.match(signature.toString('latin1'), /^LAB SIGNATURE pattern\/v_983\.985\n/);
});

t.test('the key alone decides the bytes', async (t) => {
  for (const packing of ['zip', 'opaque', 'signature'] as const) {
    const bytes = await makeContent(packing, 'key', 500);
    t.ok(bytes.equals(await makeContent(packing, 'key', 500)), `${packing}: the same again`);
    t.notOk(bytes.equals(await makeContent(packing, 'other key', 500)), `${packing}: others for another key`);
  }
});

t.test('the time zone of the machine is in no archive', async (t) => {
  const module = new URL('../../src/lab/content.ts', import.meta.url).href;
  const script = `
    import { hash } from 'node:crypto';
    import { makeContent } from ${JSON.stringify(module)};
    process.stdout.write(hash('sha256', await makeContent('zip', 'key', 500)));
  `;
  const expected = hash('sha256', await makeContent('zip', 'key', 500));
  for (const TZ of ['Pacific/Kiritimati', 'America/Los_Angeles']) {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      env: { TZ },
      encoding: 'utf8',
    });
    t.equal(stdout, expected, TZ);
  }
});
