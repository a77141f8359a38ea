// `npm run security`: runs every test that SECURITY.md names, one after the other, and writes what they tried to
// docs/reference/security-tests.md. RELAY_FUZZ_REQUESTS=1000000 makes it the long run of the fuzzer.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { page, tableOf } from './markdown.ts';
import { readThreats } from './threats.ts';

/** What one test file came to. */
interface Run {
  /** Inputs that were made up, as the tests say themselves; where they say nothing, their checks. */
  readonly inputs: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = join(import.meta.dirname, '..');
const threats = readThreats(root);
const runs = new Map<string, Run>();
for (const file of new Set(threats.flatMap(({ tests }) => tests))) {
  const run = runTest(file);
  process.stdout.write(`${file}: ${resultOf([run])}, ${run.inputs} inputs\n`);
  runs.set(file, run);
}

const rows = threats.map(({ attack, tests }) => {
  const these = tests.flatMap((file) => runs.get(file) ?? []);
  const links = tests.map((file) => `[${basename(file, '.test.ts')}](../../${file})`).join(', ');
  const inputs = these.reduce((sum, run) => sum + run.inputs, 0);
  return [attack, links, inputs.toLocaleString('en'), resultOf(these)];
});
const intro = `What each threat in [SECURITY.md](../../SECURITY.md#threats) was tried with. Written by \`npm run security\`, which runs the tests.
Inputs are those that a test made up; for tests of single cases, the number of their checks.`;
writeFileSync(
  join(root, 'docs', 'reference', 'security-tests.md'),
  page('Security tests', intro, tableOf(['Attack', 'Tests', 'Inputs', 'Result'], rows)).replace(
    'npm run docs',
    'npm run security',
  ),
);
process.exitCode = [...runs.values()].some(({ failed }) => failed > 0) ? 1 : 0;

function runTest(file: string): Run {
  // One file by itself, without tap's runner: its output is the TAP of the tests.
  const { stdout, status } = spawnSync(process.execPath, ['--disable-proto=delete', join(root, file)], {
    cwd: root,
    encoding: 'utf8',
    // Seconds a test may take: as in .taprc, and more for a machine that has other things to do.
    env: { ...process.env, TAP_TIMEOUT: '600' },
    maxBuffer: 2 ** 28,
  });
  const count = (name: string): number => {
    const totals = /^# \{ (total: .*) \}$/m.exec(stdout)?.[1] ?? '';
    return Number(new RegExp(`\\b${name}: (\\d+)`).exec(totals)?.[1] ?? 0);
  };
  const tried = [...stdout.matchAll(/# tried (\d+) inputs$/gm)].reduce((sum, [, inputs]) => sum + Number(inputs), 0);
  const failed = count('fail') + (status !== 0 && count('fail') === 0 ? 1 : 0);
  return { inputs: tried > 0 ? tried : count('total'), failed, skipped: count('skip') };
}

function resultOf(these: readonly Run[]): string {
  const failed = these.reduce((sum, run) => sum + run.failed, 0);
  const skipped = these.reduce((sum, run) => sum + run.skipped, 0);
  if (failed > 0) return `${failed} failed`;
  return skipped > 0 ? `passed, ${skipped} skipped` : 'passed';
}
