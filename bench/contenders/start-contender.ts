import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually } from '../../test/support/eventually.ts';
import { listens } from '../../test/support/nginx.ts';
import { findTool } from '../../test/support/tool.ts';
import { type Program, runPinned } from '../processes/run-pinned.ts';
import type { Contender, Setting } from './contender.ts';

/** A contender that listens. */
export interface Running extends Pick<Program, 'pid' | 'stop' | 'child'> {
  readonly contender: Contender;
  readonly port: number;
  /** What it wrote to standard output and error. */
  readonly output: string;
}

/** Milliseconds a server may take to listen. Traffic Server first lays out its cache. */
const PATIENCE = 30_000;

/** Why what needs a program cannot take part, or null. */
export function whyNot({ needs }: { readonly needs?: Contender['needs'] }): string | null {
  if (!needs || findTool(needs.program)) return null;
  return `${needs.program} is not installed here (Debian: ${needs.package})`;
}

/** What the program says of itself, in one line. */
export function versionOf({ version: [program, ...args] }: Pick<Contender, 'version'>): string {
  const { stdout, stderr } = spawnSync(findTool(program) ?? program, args, { encoding: 'utf8' });
  return `${stdout}${stderr}`.trim().split('\n')[0] ?? '';
}

/** Starts a contender on the core under test; resolves when it listens. Its folder is one of its own below `where.folder`. */
export async function startContender(contender: Contender, where: Setting): Promise<Running> {
  const { port } = where;
  const folder = join(where.folder, contender.name.replace(' ', '-'));
  const { command, files, secrets = {}, folders = [] } = contender.launch({ ...where, folder });
  for (const name of ['', ...folders]) {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777); // several run as a user of their own
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  for (const [name, text] of Object.entries(secrets)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const output = join(folder, 'output.log');
  const log = openSync(output, 'a');
  const [program, ...args] = command;
  // Out of reach of a developer's variables for the relay.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('RELAY_')));
  const started = runPinned('server', [findTool(program) ?? program, ...args], {
    stdio: ['ignore', log, log],
    cwd: folder,
    env,
  });
  const { pid, stop, child } = started;
  await eventually(`${contender.name} listens`, () => child.exitCode !== null || listens(port), PATIENCE);
  if (child.exitCode !== null)
    throw new Error(`${contender.name} did not start: ${readFileSync(output, 'utf8').trim()}`);
  return { contender, port, pid, stop, child, output };
}
