// `npm run bench`: all scenarios, then docs/benchmarks.md from their results.
//   npm run bench -- hot herd     some of them; the others' results stay as they were
//   npm run bench -- --short      each in seconds: does everything start, run, and answer the right bytes? Writes nothing
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { whyNot } from './contenders/start-contender.ts';
import { saveResult, writeDocument } from './report/results.ts';
import { summary } from './report/summary.ts';
import type { ScenarioResult } from './result.ts';
import type { Bench, Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { kernelShape, runShaped } from './shaped-loopback.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** In a network of its own where it wants one and this machine lets us; it saves its result itself. */
async function runAnywhere(scenario: Scenario, short: boolean): Promise<void> {
  if (scenario.shape && kernelShape() === null) {
    const args = [import.meta.filename, scenario.name, ...(short ? ['--short'] : [])];
    const code = await runShaped(args, scenario.shape);
    if (code === 0) return;
    if (code !== null) throw new Error(`${scenario.name} ended with ${code}`);
    say(
      `${scenario.name}: no network namespace can be had here (root, unshare and tc with htb): the origin is the line`,
    );
  }
  const result = await run(scenario, short);
  for (const line of summary(result)) say(line);
  if (!short) saveResult(result);
}

async function run(scenario: Scenario, short: boolean): Promise<ScenarioResult> {
  const ends: (() => Promise<unknown>)[] = [];
  const folder = mkdtempSync(join(tmpdir(), `relay-bench-${scenario.name}-`));
  chmodSync(folder, 0o755); // some servers run as a user of their own
  const bench: Bench = {
    short,
    folder,
    say: (line) => say(`${scenario.name}: ${line}`),
    after: (end) => void ends.unshift(end),
  };
  try {
    return await scenario.run(bench);
  } finally {
    for (const end of ends) await end();
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values, positionals } = parseArgs({ options: { short: { type: 'boolean' } }, allowPositionals: true });
const { short = false } = values;
const unknown = positionals.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  say(`no scenario ${unknown.join(', ')}; there are ${SCENARIOS.map(({ name }) => name).join(', ')}`);
  process.exit(64);
}
// Everything that was started is stopped by its process id, on the way out.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

for (const scenario of SCENARIOS) {
  if (positionals.length > 0 && !positionals.includes(scenario.name)) continue;
  const skipped = whyNot(scenario);
  if (skipped === null) await runAnywhere(scenario, short);
  else say(`${scenario.name}: skipped, ${skipped}`);
}
if (short) say('everything started, ran, and answered the right bytes');
else writeDocument();
