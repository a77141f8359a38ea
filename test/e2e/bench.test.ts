import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { needs, root } from '../support/tool.ts';

/** Milliseconds. */
const PATIENCE = 800_000;

/** One of each way to measure; `cold` and `crowd` are made of the same parts, and every server takes its seconds to start. */
const SCENARIOS = ['hot', 'herd', 'release-day', 'update'];

t.test('the benchmarks start, run, and see nothing but right bytes', needs('taskset', 'curl'), async (t) => {
  // Coverage is not of benchmarks; env takes tap's hooks off what is spawned.
  const command = ['-u', 'NODE_OPTIONS', process.execPath, join(root, 'bench', 'main.ts'), '--short', ...SCENARIOS];
  const { status, stderr } = spawnSync('env', command, { encoding: 'utf8', timeout: PATIENCE });
  t.equal(status, 0, stderr);
  t.match(stderr, /everything started, ran, and answered the right bytes/);
});
