#!/usr/bin/env node
// Makes a clean clone ready, then runs one file of it on Node 26. Plain JavaScript for whatever Node the machine has (>= 20).
//   node scripts/setup.mjs --run FILE [ARG …]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.relay-setup');
const NEEDED_MAJOR = 26;

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
  // Inside `npm run`, npm_execpath is the npm that was called; its own settings in the environment would override ours.
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
      'npm ci did not succeed; its own words are above',
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

/** The Node to run on: this one if it is new enough, else the one from the registry that the lockfile pins. */
export function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath;
  const packaged = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (!existsSync(packaged)) {
    fail(
      `Node ${NEEDED_MAJOR} is needed, this is ${process.versions.node}, and there is no packaged one for ${process.platform}-${process.arch}`,
      `Install Node ${NEEDED_MAJOR} from https://nodejs.org and run the command again.`,
    );
  }
  const probe = spawnSync(packaged, ['--version'], { encoding: 'utf8' });
  if (probe.status === 0) return packaged;
  if (/libatomic/.test(probe.stderr ?? '')) {
    fail(
      `Node ${NEEDED_MAJOR} needs the system library libatomic.so.1, which this machine lacks`,
      'Install it and run the command again: apt-get install libatomic1 (Debian, Ubuntu), dnf install libatomic (Fedora, RHEL), apk add libatomic (Alpine).',
    );
  }
  return fail(
    `the packaged Node ${NEEDED_MAJOR} does not start: ${probe.stderr || probe.error}`,
    'Install Node 26 yourself.',
  );
}

function fail(what, advice) {
  process.stderr.write(`relay: RLY_SETUP: ${what}. ${advice}\n`);
  process.exit(1);
}

/** Runs `file` on Node 26 with the terminal handed through; its exit code and signals become ours. */
export function run(file, args) {
  const node = findNode();
  const path = [dirname(node), join(modules, '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(node, ['--disable-proto=delete', join(root, file), ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal sends ^C to the whole group, and twice would mean "now"; from a supervisor it reaches only us.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`, 'Install Node 26 yourself.'));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!installed()) install();
  const [flag, file, ...args] = process.argv.slice(2);
  if (flag === '--run' && file) run(file, args);
}
