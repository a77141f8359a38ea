import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { childCommand, copyOf, type Ended, preparedFolder, run } from './child.ts';
import { assertSound } from './sound.ts';
import { openAt, temporaryFolder } from './store-folder.ts';

// Coverage does not come from killed processes: without tap's hooks, and with what was compiled kept, they begin three times faster.
const { NODE_OPTIONS: _, ...inherited } = process.env;
const env = { ...inherited, NODE_COMPILE_CACHE: temporaryFolder(t) };

t.test('kill -9 at any moment of updates needs no hand', async (t) => {
  const path = temporaryFolder(t);
  for (let round = 1; round <= 12; round += 1) {
    let published = 0;
    const watch = (child: ChildProcess): void => {
      child.stdout?.on('data', (data: Buffer) => {
        const [, number] = /published (\d+)\s*$/.exec(data.toString()) ?? [];
        // From the first publication on, somewhere within the next ones.
        if (number && published === 0) setTimeout(() => child.kill('SIGKILL'), Math.random() * 60);
        published = Number(number ?? published);
      });
    };
    const { signal, stderr } = await run(childCommand('update.ts', path, '1000'), watch, { env });
    t.equal(signal, 'SIGKILL', stderr);
    const store = await openAt(t, path, { keepGenerations: 2 });
    t.ok((store.generations.current()?.number ?? 0) >= published, 'what was told as published is');
    await assertSound(t, path, store, `round ${round}`);
    await store.close();
  }
});

for (const [work, rounds] of [
  ['a first start', '0'],
  ['an update', '1'],
] as const) {
  t.test(`killed before each step of ${work}, the store needs no hand`, async (t) => {
    const before = await preparedFolder(t, rounds);
    await runUntilStep(0, temporaryFolder(t), rounds); // Fills the cache, which only a process that ends does.
    const died = new Set<string | null>();
    for (let n = 1; !died.has(null); n += 1) {
      const path = copyOf(t, before);
      const { signal, stderr } = await runUntilStep(n, path, rounds);
      t.equal(stderr, '');
      died.add(signal);
      const store = await openAt(t, path);
      await assertSound(t, path, store, `step ${n}`);
      await store.close();
    }
    t.ok(died.has('SIGKILL'));
  });
}

/** Killed before its n-th step; with 0 it lives. */
function runUntilStep(n: number, path: string, rounds: string): Promise<Ended> {
  const [node = '', ...args] = childCommand('update.ts', path, rounds);
  const preload = join(import.meta.dirname, 'children', 'die-at.ts');
  return run([node, '--import', preload, ...args], undefined, { env: { ...env, DIE_AT: String(n) } });
}
