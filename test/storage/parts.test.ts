import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Store } from '../../src/ports/store.ts';
import { bootId } from '../../storage/boot-id.ts';
import { encodeLine } from '../../storage/object-lines.ts';
import { badSector } from '../support/broken-disk.ts';
import { childCommand, run } from './child.ts';
import { bytesOf } from './sample.ts';
import { MIB, onDisk, openAt, temporaryFolder } from './store-folder.ts';

const FROM = { source: 'http://127.0.0.1/download', etag: '"strong"', lastModified: null };
const bytes = bytesOf('a part', 20 * MIB);

const openPart = (store: Store) => store.blobs.create(bytes.length, { exact: true, part: 'identity' });

/** The folder of a store whose process was killed with a part of 12 MiB under way. */
async function afterAKill(t: Test): Promise<string> {
  const path = temporaryFolder(t);
  const { signal } = await run(childCommand('die-with-part.ts', path, String(12 * MIB)));
  t.equal(signal, 'SIGKILL');
  return path;
}

/** A store with a part of 1 MiB in nobody's hands. */
async function withPart(t: Test): Promise<{ path: string; store: Store }> {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  const writer = await openPart(store);
  await writer.note(FROM);
  await writer.write(bytes.subarray(0, MIB));
  await writer.keep();
  return { path, store };
}

function noteIn(path: string): string {
  const name = readdirSync(join(path, 'parts')).find((file) => file.endsWith('.note'));
  return join(path, 'parts', String(name));
}

t.test('a kill costs no byte of a part', async (t) => {
  const path = await afterAKill(t);
  const store = await openAt(t, path);
  t.equal(store.recovery.parts, 1);
  t.match(store.usage(), { bytes: onDisk(path).bytes, reserved: 0 });
  const writer = await openPart(store);
  t.equal(writer.size, 12 * MIB);
  await writer.write(bytes.subarray(12 * MIB));
  const blob = await writer.commit();
  t.ok((await store.blobs.read(blob)).equals(bytes));
  t.strictSame(readdirSync(join(path, 'parts')), []);
});

t.test('after a power cut only what was synced counts', async (t) => {
  const path = await afterAKill(t);
  const note = readFileSync(noteIn(path), 'utf8');
  t.ok(note.includes(bootId()));
  const boot = '00000000-0000-0000-0000-000000000000';
  const fields = JSON.parse(note.trim().slice(65)) as object;
  writeFileSync(noteIn(path), encodeLine({ ...fields, boot }));
  const store = await openAt(t, path);
  const writer = await openPart(store);
  t.equal(writer.size, 8 * MIB, 'of 12');
  t.match(writer.found, FROM);
  await writer.write(bytes.subarray(8 * MIB));
  t.ok((await store.blobs.read(await writer.commit())).equals(bytes));
});

t.test(
  'what cannot be gone on with is swept: a part without a note, a note without a part, what nobody knows',
  async (t) => {
    const path = await afterAKill(t);
    const note = noteIn(path);
    const other = join(path, 'parts', 'f'.repeat(64));
    writeFileSync(other, 'no note');
    writeFileSync(join(path, 'parts', `${'e'.repeat(64)}.note`), readFileSync(note));
    writeFileSync(join(path, 'parts', `${'d'.repeat(64)}.note`), 'torn');
    const store = await openAt(t, path);
    t.equal(store.recovery.parts, 1);
    t.notOk(existsSync(other));
    t.strictSame(readdirSync(join(path, 'parts')).length, 2, 'the part and its note');
  },
);

t.test('bug: a part on a bad sector kept its object from ever coming', async (t) => {
  const { path, store } = await withPart(t);
  t.equal(store.usage().bytes, MIB);
  const readableAgain = await badSector(t);
  const writer = await openPart(store);
  readableAgain();
  t.strictSame({ size: writer.size, found: writer.found }, { size: 0, found: null });
  await writer.write(bytes);
  t.ok((await store.blobs.read(await writer.commit())).equals(bytes));
  t.strictSame(readdirSync(join(path, 'parts')), []);
});

t.test('a part whose note is torn begins anew', async (t) => {
  const path = await afterAKill(t);
  writeFileSync(noteIn(path), 'torn');
  const store = await openAt(t, path);
  t.equal(store.recovery.parts, 0);
  const writer = await openPart(store);
  t.match({ size: writer.size, found: writer.found }, { size: 0, found: null });
  await writer.abort();
  t.match(store.usage(), { bytes: 0, reserved: 0 });
});

t.test('a link in the place of a part is not followed: what it leads to is neither written nor cut', async (t) => {
  const { path, store } = await withPart(t);
  const elsewhere = join(t.testdir({ elsewhere: 'as it was' }), 'elsewhere');
  const part = noteIn(path).replace(/\.note$/, '');
  rmSync(part);
  symlinkSync(elsewhere, part);
  await t.rejects(openPart(store), { code: 'RLY_STORAGE_IO', fields: { code: 'ELOOP' } });
  t.equal(readFileSync(elsewhere, 'utf8'), 'as it was');
});

t.test('a part that could not be deleted rests as before, is counted, and is gone on with', async (t) => {
  const { path, store } = await withPart(t);
  const part = noteIn(path).replace(/\.note$/, '');
  renameSync(part, `${part} elsewhere`);
  mkdirSync(part);
  await t.rejects(
    store.blobs.retainParts(() => false),
    { code: 'RLY_STORAGE_IO', fields: { path: part } },
  );
  t.equal(store.usage().bytes, MIB);
  rmdirSync(part);
  renameSync(`${part} elsewhere`, part);
  const writer = await openPart(store);
  t.match({ size: writer.size, found: writer.found }, { size: MIB, found: FROM });
  await writer.write(bytes.subarray(MIB));
  t.ok((await store.blobs.read(await writer.commit())).equals(bytes));
  t.match(store.usage(), { bytes: bytes.length, reserved: 0 });
});
