import { spawnSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { findTool } from '../support/tool.ts';
import { childCommand, copyOf, type Ended, preparedFolder, run } from './child.ts';
import { assertSound } from './sound.ts';
import { onDisk, openAt } from './store-folder.ts';

const strace = findTool('strace') ?? '';

/** strace counts each of its calls by itself: the n-th fsync, the n-th rename. */
function failing(call: string, when: string | number, command: readonly string[], ...more: string[]): string[] {
  // With --seccomp-bpf only this call stops the process: without, it is four times slower.
  const what = ['-e', `trace=${call}`, '-e', `inject=${call}:error=EIO:when=${when}`, ...more];
  return [strace, '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', ...what, ...command];
}

/** Containers often forbid tracing. */
function reasonToSkip(): string | false {
  if (strace === '') return 'not installed here: strace';
  const [command = '', ...args] = failing('fsync', 1, ['true']);
  const tried = spawnSync(command, args, { encoding: 'utf8' });
  return tried.status === 0 ? false : `strace may not inject here: ${tried.stderr.trim()}`;
}

/** An update in a copy of `before` whose n-th `call` fails: told or not, the books are right and the next update works. */
async function updateFailing(t: Test, before: string, call: string, n: number): Promise<Ended> {
  const path = copyOf(t, before);
  // One thread makes all calls, so that the n-th is the same each time.
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
  const ended = await run(failing(call, n, childCommand('update.ts', path, '1')), undefined, { env });
  t.match(ended.stdout, `end ${onDisk(path).bytes} 0`, ended.stderr || `${call} ${n}: the ledger is what is on disk`);
  const store = await openAt(t, path);
  await assertSound(t, path, store, `${call} ${n}`);
  await store.close();
  return ended;
}

// The first fsync is the store's own at its start. How many an update makes depends on which folders its blobs need.
t.test('EIO at any fsync of an update', { skip: reasonToSkip() }, async (t) => {
  const before = await preparedFolder(t, '1');
  let told = 0;
  for (let n = 2; n <= 18; n += 1) {
    if ((await updateFailing(t, before, 'fsync', n)).stdout.includes('RLY_STORAGE_IO')) told += 1;
  }
  t.ok(told >= 12, `${told} of them are told`);
});

t.test('EIO at any rename or unlink of an update', { skip: reasonToSkip() }, async (t) => {
  const before = await preparedFolder(t, '1');
  const calls = [
    ['rename', 1, 'told', 'the index'],
    ['rename', 2, 'told', 'a blob'],
    ['rename', 3, 'told', 'the generation'],
    ['rename', 4, 'told', 'the pointer'],
    ['rename', 5, 'kept', 'the emptied staging: the generation is out'],
    ['unlink', 1, 'kept', 'the temporary of a blob that was there already'],
    ['unlink', 2, 'told', 'the old generation'],
    ['unlink', 3, 'told', 'a blob nothing holds'],
  ] as const;
  for (const [call, n, expected, what] of calls) {
    const { stdout } = await updateFailing(t, before, call, n);
    t.equal(stdout.includes('RLY_STORAGE_IO') ? 'told' : 'kept', expected, what);
  }
});

t.test('a generation file the disk cannot read is refused, and blocks nothing', { skip: reasonToSkip() }, async (t) => {
  const path = await preparedFolder(t, '2');
  const unreadable = ['-P', join(path, 'generations', '2')];
  const { stdout } = await run(failing('read,pread64', '1+', childCommand('update.ts', path, '0'), ...unreadable));
  t.match(stdout, 'start undefined');
  t.match(stdout, '"generationsRefused":[{"number":2,"reason":"it cannot be read from the disk (EIO)"}]');
});

t.test(
  'a pointer that cannot be mended for more than want of space stops the start',
  { skip: reasonToSkip() },
  async (t) => {
    const path = await preparedFolder(t, '1');
    truncateSync(join(path, 'current'));
    const { stdout } = await run(failing('rename', 1, childCommand('hold.ts', path)));
    t.equal(stdout, 'RLY_STORAGE_IO\n');
    const store = await openAt(t, path);
    t.equal(store.generations.current()?.number, 1);
  },
);
