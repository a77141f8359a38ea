// `npm test`: the whole suite with coverage, then the gates on it. The last line is the runner's own totals.
//   npm test                     everything
//   npm test -- test/storage     one folder or file, without the coverage gates
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { failuresOf } from './failures.ts';

const root = join(import.meta.dirname, '..');
const output = join(root, '.tap', 'output.tap');
// tap takes every file of a folder for a test; helpers and children of tests are none.
const chosen = process.argv
  .slice(2)
  .flatMap((place) => (place.endsWith('.ts') ? place : globSync(`${place}/**/*.test.ts`, { cwd: root })));

/** Least share of lines covered, in per cent, by folder. */
const GATES = { 'src/policy/': 100, 'src/manifest/': 100, 'storage/': 100, '': 90 };

rmSync(output, { force: true });
const tap = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs'),
    'run',
    `--output-file=${output}`,
    `--reporter=${process.stdout.isTTY ? 'base' : 'terse'}`,
    '--coverage-report=json-summary',
    ...chosen,
  ],
  { cwd: root, stdio: 'inherit' },
);

const gatesHeld = chosen.length > 0 || coverageHolds();
const written = readFileSync(output, 'utf8');
for (const { name, diagnosis } of failuresOf(written)) {
  process.stdout.write(`\nFAILED ${name}\n${diagnosis.replaceAll(/^/gm, '    ')}\n`);
}
const totals = readTotals(written);
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`);
process.exit(tap.status === 0 && gatesHeld && totals.failed === 0 && totals.passed > 0 ? 0 : 1);

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** TAP ends with the runner's count: `# { total: 12, pass: 11, skip: 1 }`. */
function readTotals(tapText: string): Totals {
  const last = [...tapText.matchAll(/^# \{ (total: .*) \}$/gm)].at(-1)?.[1] ?? '';
  const count = (name: string): number => Number(new RegExp(`\\b${name}: (\\d+)`).exec(last)?.[1] ?? 0);
  return { passed: count('pass'), failed: count('fail'), skipped: count('skip') + count('todo') };
}

interface Coverage {
  lines: { total: number; covered: number };
}

function coverageHolds(): boolean {
  const report = JSON.parse(readFileSync(join(root, '.tap', 'report', 'coverage-summary.json'), 'utf8')) as Record<
    string,
    Coverage
  >;
  const files = Object.entries(report)
    .filter(([file]) => file !== 'total')
    .map(([file, coverage]) => ({
      file: relative(root, file),
      total: coverage.lines.total,
      covered: coverage.lines.covered,
    }))
    .filter(({ file }) => /^(src|plugins|storage)\//.test(file));
  let holds = true;
  process.stdout.write('\nCoverage of lines:\n');
  for (const [folder, least] of Object.entries(GATES)) {
    const within = files.filter(({ file }) => file.startsWith(folder));
    const total = within.reduce((sum, { total: lines }) => sum + lines, 0);
    const covered = within.reduce((sum, { covered: lines }) => sum + lines, 0);
    const share = total === 0 ? 0 : (100 * covered) / total;
    const held = share >= least;
    holds &&= held;
    process.stdout.write(
      `  ${(folder || 'all').padEnd(14)} ${share.toFixed(2).padStart(6)} %   at least ${least} %${held ? '' : '   NOT REACHED'}\n`,
    );
    if (held) continue;
    for (const { file, total: lines, covered: some } of within) {
      if (some < lines) process.stdout.write(`      ${file}: ${lines - some} lines not run\n`);
    }
  }
  return holds;
}
