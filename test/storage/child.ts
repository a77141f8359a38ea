import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';
import { temporaryFolder } from './store-folder.ts';

/** The command line that runs one of `children` with `args`, for a shell or a tool that starts it. */
export const childCommand = (name: string, ...args: string[]): string[] => [
  process.execPath,
  join(import.meta.dirname, 'children', name),
  ...args,
];

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. `watch` gets the process while it lives. */
export async function run(
  [command = '', ...args]: readonly string[],
  watch: (child: ChildProcess) => void = () => {},
  options: SpawnOptions = {},
): Promise<Ended> {
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  watch(child);
  const ended = Promise.withResolvers<Pick<Ended, 'code' | 'signal'>>();
  child.once('error', ended.reject);
  child.once('close', (code, signal) => ended.resolve({ code, signal }));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { ...(await ended.promise), stdout, stderr };
}

/** A folder in which as many updates were done. */
export async function preparedFolder(t: Test, rounds: string): Promise<string> {
  const path = temporaryFolder(t);
  if (rounds !== '0') await run(childCommand('update.ts', path, rounds));
  return path;
}

/** A folder of its own with the same in it. */
export function copyOf(t: Test, folder: string): string {
  const path = temporaryFolder(t);
  cpSync(folder, path, { recursive: true });
  return path;
}
