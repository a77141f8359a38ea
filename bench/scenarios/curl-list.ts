import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { now } from '../now.ts';
import { endedChildrenCpuSeconds } from '../processes/process-tree.ts';
import { runPinned } from '../processes/run-pinned.ts';
import { TREE } from '../site/write-site.ts';

/** What curl needs for a list of files, on the core under test: seconds by the clock and of CPU. Throws when a byte is wrong. */
export async function curlList(
  folder: string,
  origin: string,
  root: string,
  paths: readonly string[],
): Promise<{ readonly seconds: number; readonly cpu: number }> {
  const lines = paths.map((path) => `url = "http://${origin}/${TREE}/${path}"\noutput = "${join(folder, path)}"`);
  const list = join(folder, 'curl.list');
  mkdirSync(folder, { recursive: true });
  writeFileSync(list, `${lines.join('\n')}\n`);
  const before = endedChildrenCpuSeconds();
  const began = now();
  const { child } = runPinned(
    'server',
    ['curl', '--parallel', '--create-dirs', '--fail', '--no-progress-meter', '--config', list],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [code] = await once(child, 'exit');
  const seconds = (now() - began) / 1000;
  const cpu = endedChildrenCpuSeconds() - before;
  const wrong = paths.filter((path) => !readFileSync(join(folder, path)).equals(readFileSync(join(root, TREE, path))));
  if (code !== 0 || wrong.length > 0) throw new Error(`curl ended with ${code}; wrong: ${wrong.join(', ')}`);
  return { seconds, cpu };
}
