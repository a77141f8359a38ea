import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { openStore } from '../../storage/open-store.ts';
import { childCommand, run } from './child.ts';
import { MIB, openAt, temporaryFolder } from './store-folder.ts';

const options = { maxSize: MIB, minFree: 0, keepGenerations: 3 };

/** A process that tries to hold the store; `word` is what it says, and it ends with `end` or `kill`. */
function holder(t: Test, path: string) {
  const word = Promise.withResolvers<string>();
  const quit = Promise.withResolvers<{ end(): void; kill(): void }>();
  const gone = run(childCommand('hold.ts', path), (child) => {
    child.stdout?.once('data', (data: Buffer) => word.resolve(data.toString().trim()));
    quit.resolve({ end: () => child.stdin?.end(), kill: () => child.kill('SIGKILL') });
    t.teardown(() => child.kill('SIGKILL'));
  });
  return { word: word.promise, quit: quit.promise, gone };
}

t.test('a second store on the folder is refused, and told who has it', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  await t.rejects(openStore({ ...options, path }), {
    code: 'RLY_STORAGE_LOCKED',
    fields: { path, pid: process.pid },
    message: new RegExp(`in use by process ${process.pid} on `),
  });
  t.equal(await holder(t, path).word, 'RLY_STORAGE_LOCKED', 'also from another process');
  await store.close();
  await store.close();
  await t.resolves(openAt(t, path), 'and free when it is closed');
});

t.test('the refusal stands where the holder’s name cannot be read', async (t) => {
  const path = temporaryFolder(t);
  await openAt(t, path);
  truncateSync(join(path, 'owner'));
  await t.rejects(openStore({ ...options, path }), { code: 'RLY_STORAGE_LOCKED', fields: { pid: '?' } });
  rmSync(join(path, 'owner'));
  await t.rejects(openStore({ ...options, path }), { code: 'RLY_STORAGE_LOCKED', fields: { pid: '?' } });
});

t.test('the lock of a killed process is free at once, and exactly one of those that race gets it', async (t) => {
  const path = temporaryFolder(t);
  const dead = holder(t, path);
  t.equal(await dead.word, 'held');
  (await dead.quit).kill();
  t.equal((await dead.gone).signal, 'SIGKILL');
  t.match(readFileSync(join(path, 'owner'), 'utf8'), /"pid":\d+/, 'its name is still there');

  const racers = [1, 2, 3, 4].map(() => holder(t, path));
  const words = await Promise.all(racers.map(({ word }) => word));
  t.strictSame(words.sort(), ['RLY_STORAGE_LOCKED', 'RLY_STORAGE_LOCKED', 'RLY_STORAGE_LOCKED', 'held']);
  for (const { quit } of racers) (await quit).end();
  for (const { gone } of racers) t.equal((await gone).code, 0);
});

t.test('a start goes on where it cannot leave its name', async (t) => {
  const path = temporaryFolder(t);
  mkdirSync(join(path, 'owner'));
  await t.resolves(openAt(t, path));
});

t.test('a lock file that is no lock file is told as such', async (t) => {
  const path = temporaryFolder(t);
  await (await openStore({ ...options, path })).close();
  writeFileSync(join(path, 'lock'), 'not empty as it always is'.repeat(100));
  await t.rejects(openStore({ ...options, path }), {
    code: 'RLY_STORAGE_IO',
    fields: { path: join(path, 'lock'), code: 'file is not a database' },
  });
});

t.test('a start that fails leaves the store free', async (t) => {
  const path = temporaryFolder(t);
  await (await openStore({ ...options, path })).close();
  rmSync(join(path, 'blobs'), { recursive: true });
  writeFileSync(join(path, 'blobs'), 'in the way');
  await t.rejects(openStore({ ...options, path }), { code: 'RLY_STORAGE_IO', fields: { code: 'EEXIST' } });
  rmSync(join(path, 'blobs'));
  await t.resolves(openAt(t, path));
});
