#!/usr/bin/env node
// Makes a clean clone ready, then runs one file of it on Node 26. Plain JavaScript for whatever Node the machine has (>= 20).
//   node scripts/setup.mjs --run FILE [ARG …]     without --run it only makes ready
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseNode } from './choose-node.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.relay-setup');

/** What an installation depends on: the lockfile, and the platform whose binaries it chose. */
function wanted() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`;
}

function installed() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted();
}

/** `npm ci` from the lockfile; install scripts of dependencies never run. */
function install() {
  process.stderr.write('relay: first run: installing from package-lock.json (about half a minute) …\n');
  // Inside `npm run`, the npm that was called. What it is told here goes before its settings: NODE_ENV, omit=optional.
  const npm = process.env.npm_execpath;
  const args = [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const [command, prefix] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const result = spawnSync(command, [...prefix, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    fail(
      `npm ci did not succeed${result.error ? `: ${result.error.message}` : '; its own words are above'}`,
      'Check that the npm registry can be reached (npm ping), then run the command again.',
    );
  }
  // npm links the packaged Node as node_modules/.bin/node. A machine without libatomic could then not even start this
  // script a second time, and would say so in the loader's words; we find that Node by its folder instead.
  rmSync(join(modules, '.bin', 'node'), { force: true });
  linkCommand();
  writeFileSync(stamp, wanted());
}

/** `npx relay …` in a checkout. */
function linkCommand() {
  const link = join(modules, '.bin', 'relay');
  rmSync(link, { force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join('..', '..', 'bin', 'relay.mjs'), link);
  chmodSync(join(root, 'bin', 'relay.mjs'), 0o755);
}

function fail(what, advice) {
  process.stderr.write(`relay: RLY_SETUP: ${what}. ${advice}\n`);
  process.exit(1);
}

/** Runs `file` on Node 26 with the terminal handed through; its exit code and signals become ours. */
export function run(file, args) {
  if (!existsSync(modules)) {
    fail('nothing is installed in this checkout yet', 'Run `npm run demo` once: it installs what is needed by itself.');
  }
  const packaged = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  const { node, what, advice } = chooseNode({ version: process.versions.node, execPath: process.execPath, packaged });
  if (!node) return fail(what, advice);
  const path = [dirname(node), join(modules, '.bin'), process.env.PATH].join(delimiter);
  // docs/adr/0010-hits-past-fastify.md says what they are for.
  const given = (name) => JSON.parse(readFileSync(join(root, 'scripts', name), 'utf8'));
  const child = spawn(node, [...given('node-flags.json'), join(root, file), ...args], {
    stdio: 'inherit',
    env: { ...given('node-environment.json'), ...process.env, PATH: path },
  });
  // A terminal sends ^C and its end to the whole group, and twice would mean "now"; from a supervisor they reach only us.
  const atTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) {
    process.on(signal, () => {
      if (signal === 'SIGTERM' || !atTerminal) child.kill(signal);
    });
  }
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`, 'Install Node anew and run it again.'));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!installed()) install();
  const [flag, file, ...args] = process.argv.slice(2);
  if (flag === '--run' && file) run(file, args);
}
