import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openStore } from '../../storage/open-store.ts';
import { bytesOf, put } from './sample.ts';
import { MIB, openAt, temporaryFolder } from './store-folder.ts';

const options = { maxSize: MIB, minFree: 0, keepGenerations: 3 };
const contents = (path: string) =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== 'lock')
    .sort();

t.test('a folder of somebody else is refused and not written into', async (t) => {
  const foreign: [string, (path: string) => void][] = [
    ['a file', (path) => writeFileSync(join(path, 'photo.jpg'), 'x')],
    ['a folder', (path) => mkdirSync(join(path, 'documents'))],
    ['a hidden file', (path) => writeFileSync(join(path, '.profile'), 'x')],
    ['a store whose format file is lost', (path) => mkdirSync(join(path, 'blobs'))],
    [
      'a tmp of somebody else',
      (path) => {
        mkdirSync(join(path, 'tmp'));
        writeFileSync(join(path, 'tmp', 'draft.txt'), 'x');
      },
    ],
    ['a format file of something else', (path) => writeFileSync(join(path, 'format'), '{"store":"another"}')],
    ['an empty format file', (path) => writeFileSync(join(path, 'format'), '')],
    ['a format file that is a link', (path) => symlinkSync('/dev/null', join(path, 'format'))],
  ];
  for (const [name, make] of foreign) {
    const path = temporaryFolder(t);
    make(path);
    const before = contents(path);
    await t.rejects(openStore({ ...options, path }), { code: 'RLY_STORAGE_FORMAT', fields: { path } }, name);
    t.strictSame(readdirSync(path, { recursive: true, encoding: 'utf8' }).sort(), before, name);
  }
});

t.test('an empty volume, and what a first start killed early leaves, are free to take', async (t) => {
  const path = temporaryFolder(t);
  mkdirSync(join(path, 'lost+found'));
  mkdirSync(join(path, 'tmp'));
  writeFileSync(join(path, 'tmp', crypto.randomUUID()), '{"store":"upd');
  writeFileSync(join(path, 'lock'), '');
  writeFileSync(join(path, 'owner'), '{"pid":');
  const store = await openAt(t, path);
  t.equal(store.recovery.temporariesSwept, 1);
  t.strictSame(store.recovery.unknown, []);
});

t.test('a store written under other settings is refused, saying which', async (t) => {
  const path = temporaryFolder(t);
  const store = await openStore({ ...options, path, fingerprint: 'one' });
  await store.close();
  await t.rejects(openStore({ ...options, path, fingerprint: 'two' }), {
    code: 'RLY_STORAGE_FORMAT',
    fault: 'config',
    message: /"fingerprint":"one".*expected .*"fingerprint":"two"/,
  });
  await t.resolves(openAt(t, path, { fingerprint: 'one' }));
});

t.test('a store of a later format is refused', async (t) => {
  const path = temporaryFolder(t);
  await (await openStore({ ...options, path })).close();
  const later = readFileSync(join(path, 'format'), 'utf8').replace('"format":1', '"format":2');
  writeFileSync(join(path, 'format'), later);
  await t.rejects(openStore({ ...options, path }), { code: 'RLY_STORAGE_FORMAT', message: /"format":2/ });
});

t.test('names the relay did not write are reported and left alone', async (t) => {
  const path = temporaryFolder(t);
  let store = await openStore({ ...options, path });
  const { sha256 } = await put(store.blobs, bytesOf('x'));
  await store.close();
  const folder = sha256.slice(0, 2);
  const elsewhere = 'a'.repeat(64) === sha256 ? 'b'.repeat(64) : 'a'.repeat(64);
  const strangers = [
    'README',
    'blobs/stray',
    `blobs/${folder}/note`,
    `blobs/${folder}/${elsewhere}`,
    'generations/007',
    'generations/7.bak',
  ];
  for (const name of strangers) writeFileSync(join(path, name), 'x');
  store = await openAt(t, path);
  t.strictSame([...store.recovery.unknown].sort(), strangers.sort());
  t.equal(store.usage().bytes, 1000, 'none of them is on the books');
  await store.collect(new Set());
  t.strictSame(
    contents(path).filter((name) => strangers.includes(name)),
    strangers,
  );
});

t.test('a path that is a file says so', async (t) => {
  const path = join(temporaryFolder(t), 'file');
  writeFileSync(path, '');
  await t.rejects(openStore({ ...options, path }), { code: 'RLY_STORAGE_IO', fields: { path, code: 'EEXIST' } });
});

const root = process.getuid?.() === 0;
t.test('a folder without rights names the user', { skip: root && 'root may write everywhere' }, async (t) => {
  const path = temporaryFolder(t);
  chmodSync(path, 0o500);
  await t.rejects(openStore({ ...options, path }), { code: 'RLY_STORAGE_DENIED', fields: { path, code: 'EACCES' } });
  chmodSync(path, 0o700);
  rmSync(path, { recursive: true });
});
