import { createHash } from 'node:crypto';
import {
  appendFileSync,
  globSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import type { Store } from '../../src/ports/store.ts';
import type { Finding } from '../../storage/findings.ts';
import { type Inspection, type InspectionProgress, inspectStore } from '../../storage/inspect-store.ts';
import { DAMAGES } from './damages.ts';
import { bytesOf, draftIn, PUBLISHED_AT, put, responseOf, sha256Of, stagedOf } from './sample.ts';
import { blobFile, openAt, temporaryFolder, transplant } from './store-folder.ts';

const { signal } = new AbortController();

function inspect(path: string): Promise<Inspection> {
  return inspectStore({ path, signal, onProgress: () => {} });
}

/** What was found, as a line each. */
async function found(path: string): Promise<string[]> {
  const { findings } = await inspect(path);
  return findings.map(({ weight, file, object, problem }) =>
    [weight, file.replace(/[0-9a-f]{64}/, '#'), ...(object === null ? [] : [object]), problem].join(': '),
  );
}

async function folderAfter(t: Test, work: (store: Store) => Promise<unknown>): Promise<string> {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  await work(store);
  await store.close();
  return path;
}

async function twoGenerations({ generations, blobs }: Store): Promise<void> {
  await generations.publish(await draftIn(blobs, 'index 1', ['a', 'b']), PUBLISHED_AT);
  await generations.publish(await draftIn(blobs, 'index 2', ['b', 'c']), PUBLISHED_AT);
}

/** Names, times and content of all files. */
function pictureOf(path: string): Record<string, string> {
  const names = globSync('**', { cwd: path });
  return Object.fromEntries(
    names.map((name) => {
      const file = lstatSync(join(path, name));
      const content = file.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(path, name)))
            .digest('hex')
        : '';
      return [name, `${file.mtimeMs} ${content}`];
    }),
  );
}

t.test('a store that is right has no findings, and stays as it is', async (t) => {
  const path = await folderAfter(t, async (store) => {
    await twoGenerations(store);
    await store.staging.add(stagedOf('staged', await put(store.blobs, bytesOf('staged'))));
  });
  const before = pictureOf(path);
  const steps: InspectionProgress[] = [];
  const inspection = await inspectStore({ path, signal, onProgress: (progress) => steps.push(progress) });
  t.strictSame(inspection, { generations: 2, blobs: 6, bytes: 6000, findings: [] });
  t.match(steps.at(-1), { blobs: { done: 6, total: 6 }, bytes: { done: 6000, total: 6000 } });
  t.strictSame(pictureOf(path), before);
  t.strictSame(await found(await folderAfter(t, async () => {})), [], 'neither has one in which nothing is yet');
});

for (const [name, { reason, make, options }] of Object.entries(DAMAGES)) {
  t.test(`a blob that is ${name} is wrong, with all it is needed for`, options ?? {}, async (t) => {
    const path = await folderAfter(t, twoGenerations);
    const bytes = bytesOf('b');
    make(blobFile(path, sha256Of(bytes)), bytes);
    const { findings } = await inspect(path);
    const damaged = findings.filter(({ about }) => about !== 'unknown');
    t.match(damaged, [{ weight: 'wrong', about: 'blob', object: 'pattern/b of generation 2, and 1 more' }]);
    t.match(damaged[0]?.problem, reason);
    t.strictSame(damaged[0]?.blob, { sha256: sha256Of(bytes), size: bytes.length });
  });
}

t.test('what no generation needs is wrong only where it lies under a name that is not its own', async (t) => {
  const path = await folderAfter(t, async (store) => {
    await twoGenerations(store);
    for (const name of ['gone', 'damaged']) {
      await store.staging.add(stagedOf(name, await put(store.blobs, bytesOf(name))));
    }
    await store.fills.add({ ...stagedOf('fill', await put(store.blobs, bytesOf('fill'))), identity: 'fill' });
    const hotfix = responseOf('hotfix_pccnt/a.exe', await put(store.blobs, bytesOf('hot fix')));
    const settings = responseOf('branch/ofcscan.ini', await put(store.blobs, bytesOf('settings')));
    await store.responses.add(hotfix);
    await store.responses.add({ ...settings, kind: 'domain-settings' });
    for (const name of ['orphan 1', 'orphan 2']) await put(store.blobs, bytesOf(name));
  });
  for (const name of ['gone', 'fill', 'hot fix', 'settings']) rmSync(blobFile(path, sha256Of(bytesOf(name))));
  for (const name of ['damaged', 'orphan 1']) writeFileSync(blobFile(path, sha256Of(bytesOf(name))), bytesOf('other'));
  const lines = (await found(path)).map((line) => line.replace(/(: blobs).*#/, '$1').replace(/(the hash) .*/, '$1'));
  t.strictSame(
    new Set(lines),
    new Set([
      'note: blobs: gone, staged: is gone',
      'note: blobs: fill, on demand: is gone',
      'note: blobs: HOTFIX_PCCNT/A.EXE, a hot fix: is gone',
      'note: blobs: domain settings: is gone',
      'wrong: blobs: damaged, staged: has the hash',
      'wrong: blobs: has the hash',
      'note: blobs: holds blobs that nothing names (2); the next update frees them',
    ]),
  );
});

t.test('the pointer', async (t) => {
  const states: Record<string, [string, (path: string) => void]> = {
    torn: ['wrong: current: is torn or was altered', (path) => truncateSync(join(path, 'current'), 20)],
    empty: ['wrong: current: is torn or was altered', (path) => truncateSync(join(path, 'current'))],
    gone: ['wrong: current: is gone', (path) => rmSync(join(path, 'current'))],
    'pointing nowhere': [
      'wrong: current: names generation 2, which cannot be read',
      (path) => rmSync(join(path, 'generations', '2')),
    ],
  };
  for (const [name, [line, make]] of Object.entries(states)) {
    const path = await folderAfter(t, twoGenerations);
    make(path);
    t.equal((await found(path))[0], line, name);
  }
});

t.test('generation files', async (t) => {
  const path = await folderAfter(t, twoGenerations);
  truncateSync(join(path, 'generations', '1'), 300);
  t.strictSame(await found(path), [
    'wrong: generations/1: does not match its checksum',
    'note: blobs: holds blobs that nothing names (2); the next update frees them',
  ]);

  const killed = await folderAfter(t, twoGenerations);
  const earlier = await folderAfter(t, ({ generations, blobs }) =>
    draftIn(blobs, 'index 1', ['a', 'b']).then((draft) => generations.publish(draft, PUBLISHED_AT)),
  );
  transplant(earlier, killed, ['current']);
  t.strictSame(await found(killed), ['note: generations/2: was never published; the next start removes it']);
});

t.test('lists, folders, temporaries, and what is not the relay’s', async (t) => {
  const path = await folderAfter(t, twoGenerations);
  writeFileSync(join(path, 'staging'), 'torn');
  for (const list of ['fills', 'responses']) rmSync(join(path, list));
  for (const folder of ['tmp', 'parts']) rmSync(join(path, folder), { recursive: true });
  t.strictSame(await found(path), [
    'note: parts: is gone; the next start makes it anew',
    'note: tmp: is gone; the next start makes it anew',
    'note: staging: has torn lines (1); the next start drops them',
    'note: fills: is gone; the next start makes it anew',
    'note: responses: is gone; the next start makes it anew',
  ]);
  rmSync(join(path, 'staging'));
  for (const folder of ['staging', 'tmp', 'tmp/x', 'parts']) mkdirSync(join(path, folder));
  for (const list of ['fills', 'responses']) writeFileSync(join(path, list), '');
  writeFileSync(join(path, 'holiday.jpg'), 'x');
  t.strictSame(await found(path), [
    'wrong: staging: is no regular file',
    'note: tmp: holds unfinished files (1); the next start removes what is still there then',
    'note: holiday.jpg: is not the relay’s; it is left alone',
  ]);
  rmSync(join(path, 'blobs'), { recursive: true });
  t.equal((await found(path)).filter((line) => line.startsWith('wrong: blobs/')).length, 5);
});

t.test('an audit log whose chain is broken', async (t) => {
  const path = await folderAfter(t, async (store) => {
    await twoGenerations(store);
    for (const what of ['one', 'two', 'three']) await store.audit.note({ who: 'a', what, before: null, after: null });
  });
  const log = join(path, 'audit');
  const lines = readFileSync(log, 'utf8');
  appendFileSync(log, lines.slice(0, 30));
  t.strictSame(await found(path), [], 'an entry that is being written is none');
  const broken = 'does not follow from the line before it: one of them was altered or removed';
  writeFileSync(log, lines.replace('three', 'THREE'));
  t.strictSame(await found(path), [`wrong: audit: has a line (3) that ${broken}`]);
  writeFileSync(log, lines.slice(lines.indexOf('\n') + 1));
  t.strictSame(await found(path), [`wrong: audit: has a line (1) that ${broken}, and 1 more do not fit`]);
  rmSync(log);
  symlinkSync(join(path, 'current'), log);
  t.ok((await found(path)).includes('wrong: audit: is a link'));
});

t.test('what moves while it is looked at is no finding', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path, { keepGenerations: 1 });
  const worker = async (): Promise<void> => {
    for (let round = 1; round <= 60; round += 1) {
      const draft = await draftIn(store.blobs, `index ${round}`, ['kept', `object ${round}`]);
      await store.staging.add(stagedOf(`staged ${round}`, draft.index));
      await store.generations.publish(draft, PUBLISHED_AT);
      await store.collect(new Set());
    }
  };
  const done = new AbortController();
  const working = worker().finally(() => done.abort());
  const wrong: Finding[] = [];
  while (!done.signal.aborted) {
    wrong.push(...(await inspect(path)).findings.filter(({ weight }) => weight === 'wrong'));
  }
  await working;
  t.strictSame(wrong, []);
});

t.test('what is no store is said to be none', async (t) => {
  const path = temporaryFolder(t);
  await t.rejects(inspect(path), { code: 'RLY_STORAGE_FORMAT', fields: { path, reason: 'there is none yet' } });
  await t.rejects(inspect(join(path, 'nowhere')), { code: 'RLY_STORAGE_FORMAT' });
  writeFileSync(join(path, 'letter.txt'), 'x');
  await t.rejects(inspect(path), { code: 'RLY_STORAGE_FORMAT', fields: { reason: /letter\.txt/ } });
});

t.test('what the system does not let it look at is told', async (t) => {
  const path = await folderAfter(t, twoGenerations);
  rmSync(join(path, 'generations'), { recursive: true });
  writeFileSync(join(path, 'generations'), 'a file');
  await t.rejects(inspect(path), {
    code: 'RLY_STORAGE_IO',
    fields: { path: join(path, 'generations'), code: 'ENOTDIR' },
  });
});

t.test('whoever waits can end it', async (t) => {
  const path = await folderAfter(t, twoGenerations);
  const stop = new AbortController();
  const ended = inspectStore({ path, signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
  await t.rejects(ended, /enough/);
});
