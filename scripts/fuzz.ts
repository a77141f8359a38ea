// `npm run fuzz -- [--minutes N] [--seed N]`: a relay of its own on loopback, and hostile requests at both of its listeners for so
// long. Ends with 1 where an answer is wrong, the relay is gone, or its memory or descriptors grow.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLabServer } from '../src/lab/lab-server.ts';
import { createCatalogue } from '../src/lab/release.ts';
import { agentsTable } from '../test/support/agents-table.ts';
import { freePort } from '../test/support/free-port.ts';
import { createHostileRequests, seededRandom } from '../test/support/hostile-requests.ts';
import { ADMIN_PATHS, judgeAdminAnswers } from '../test/support/judge-admin-answers.ts';
import { judgeAnswers } from '../test/support/judge-answers.ts';
import { headsIn } from '../test/support/read-answers.ts';
import { relayCommand, relaySettings, relaySurroundings } from '../test/support/relay-process.ts';
import { sendOver } from '../test/support/send-over.ts';

/** Connections at a time. */
const AT_ONCE = 64;
/** Milliseconds between two looks at the relay, and looks between two lines of the report. */
const LOOK = 1000;
const REPORT = 10;
/**
 * Bytes by which the median of its memory may be more in the last third of the time than in the middle one. In the first
 * its caches fill, and a single look says little: between two collections memory goes up and down by tens of MiB.
 */
const MOST_GROWTH = 50 * 1024 * 1024;
/** Descriptors it may have more at the end, when nobody is connected any more. */
const MOST_DESCRIPTORS = 5;
/** After so many there is enough to look at. */
const MOST_FINDINGS = 10;

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes ?? 1);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write('usage: npm run fuzz -- [--minutes N] [--seed N]\n');
  process.exit(64);
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const release = createCatalogue({ shape: 'small' }).release(1);
const lab = await createLabServer({ kind: 'officeScanServer', release });
const folder = mkdtempSync(join(tmpdir(), 'relay-fuzz-'));
const [agents, admin] = [await freePort(), await freePort()];
const relay = startRelay();
const ended = once(relay, 'exit').then(() => 'ended' as const);
const findings: string[] = [];

try {
  await ready();
  say(`seed ${seed}, ${minutes} min, relay ${relay.pid}: agents on ${agents}, administration on ${admin}`);
  await run();
} finally {
  relay.kill('SIGTERM');
  await ended;
  await lab.close();
  rmSync(folder, { recursive: true, force: true });
}
for (const finding of findings) say(`FOUND: ${finding}`);
say(findings.length === 0 ? 'nothing was found' : `${findings.length} findings; --seed ${seed} finds them again`);
process.exit(findings.length === 0 ? 0 : 1);

function startRelay(): ChildProcess {
  const [command = '', ...args] = relayCommand('serve');
  const settings = {
    ...relaySettings(lab.url, join(folder, 'store')),
    RELAY_AGENTS__PORT: String(agents),
    RELAY_ADMIN__PORT: String(admin),
    RELAY_MIRROR__PREFETCH__PROGRAMS: 'true',
    // A line an answer would be most of what is measured.
    RELAY_LOG__LEVEL: 'error',
    // Given more, Node lets garbage lie for minutes, and a leak would not show before. One that grows on ends it for good.
    NODE_OPTIONS: '--max-old-space-size=128',
  };
  const child = spawn(command, args, { ...relaySurroundings(settings), stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n').filter(Boolean)) {
      if (line.includes('error.internal')) findings.push(`the relay told of a bug: ${line.slice(0, 500)}`);
    }
  });
  return child;
}

async function ready(): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${admin}/readyz`).catch(() => null);
    if (answer?.ok) return;
    if (isGone()) break;
    await delay(100);
  }
  throw new Error('the relay did not become ready');
}

async function run(): Promise<void> {
  const { paths, contents } = await agentsTable(release);
  const next = createHostileRequests(paths, seededRandom(seed));
  const nextAdmin = createHostileRequests(ADMIN_PATHS, seededRandom(seed + 1));
  const quiet = measure();
  const started = performance.now();
  const over = started + minutes * 60_000;
  const looks: { readonly rss: number; readonly share: number }[] = [];
  let sent = 0;

  async function attacker(number: number): Promise<void> {
    while (performance.now() < over && !isGone() && findings.length < MOST_FINDINGS) {
      // Every eighth is for the administration.
      const atAdmin = number % 8 === 7;
      const text = atAdmin ? nextAdmin() : next();
      sent += 1;
      try {
        const bytes = await sendOver(atAdmin ? admin : agents, text, { first: 100 });
        const heads = headsIn(text);
        const flaw = atAdmin ? judgeAdminAnswers(bytes, heads) : judgeAnswers(bytes, contents, heads);
        if (typeof flaw === 'string') findings.push(`${flaw} after ${JSON.stringify(text)}`);
      } catch (error) {
        if (!isGone()) findings.push(String(error));
      }
    }
  }

  async function watch(): Promise<void> {
    while (performance.now() < over) {
      await delay(Math.min(LOOK, Math.max(0, over - performance.now())));
      if (isGone()) return;
      const { rss, descriptors } = measure();
      const passed = performance.now() - started;
      looks.push({ rss, share: passed / (over - started) });
      if (looks.length % REPORT !== 0) continue;
      say(`${Math.round(passed / 1000)} s: ${sent} requests, ${mib(rss)} MiB, ${descriptors} descriptors`);
    }
  }

  await Promise.all([watch(), ...Array.from({ length: AT_ONCE }, (_, number) => attacker(number))]);
  if (isGone()) {
    findings.push(`the relay is gone: ${relay.exitCode ?? relay.signalCode}`);
    return;
  }
  // The last connections end, and what they held is given back.
  await delay(3000);
  const descriptors = measure().descriptors - quiet.descriptors;
  const growth =
    median(looks.filter(({ share }) => share > 2 / 3)) -
    median(looks.filter(({ share }) => share <= 2 / 3 && share > 1 / 3));
  say(`end: ${sent} requests, memory ${mib(growth)} MiB more in the last third, ${descriptors} descriptors more`);
  if (growth > MOST_GROWTH) findings.push(`memory grew by ${mib(growth)} MiB`);
  if (descriptors > MOST_DESCRIPTORS) findings.push(`${descriptors} descriptors more than at the start`);
}

function isGone(): boolean {
  return relay.exitCode !== null || relay.signalCode !== null;
}

function median(looks: readonly { readonly rss: number }[]): number {
  const sorted = looks.map(({ rss }) => rss).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

interface Measure {
  /** Bytes. */
  readonly rss: number;
  readonly descriptors: number;
}

/** As the kernel sees the relay (proc(5)). */
function measure(): Measure {
  const status = readFileSync(`/proc/${relay.pid}/status`, 'utf8');
  const kib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  return { rss: kib * 1024, descriptors: readdirSync(`/proc/${relay.pid}/fd`).length };
}

function mib(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
