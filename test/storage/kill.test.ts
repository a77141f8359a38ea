import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { childCommand, copyOf, type Ended, preparedFolder, run } from './child.ts';
import { assertSound } from './sound.ts';
import { openAt, temporaryFolder } from './store-folder.ts';

t.test('kill -9 at any moment of updates needs no hand', async (t) => {
  const path = temporaryFolder(t);
  for (let round = 1; round <= 12; round += 1) {
    let published = 0;
    const { signal, stderr } = await run(childCommand('update.ts', path, '1000'), (child) => {
      child.stdout?.on('data', (data: Buffer) => {
        const [, number] = /published (\d+)\s*$/.exec(data.toString()) ?? [];
        // From the first publication on, somewhere within the next ones.
        if (number && published === 0) setTimeout(() => child.kill('SIGKILL'), Math.random() * 60);
        published = Number(number ?? published);
      });
    });
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

function runUntilStep(n: number, path: string, rounds: string): Promise<Ended> {
  const [node = '', ...args] = childCommand('update.ts', path, rounds);
  const preload = join(import.meta.dirname, 'children', 'die-at.ts');
  // The cache halves the time a process takes to begin; coverage does not come from killed ones.
  const env = { ...process.env, DIE_AT: String(n), NODE_COMPILE_CACHE: join(tmpdir(), 'relay-compile-cache') };
  return run([node, '--import', preload, ...args], undefined, { env });
}
