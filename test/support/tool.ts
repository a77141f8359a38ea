import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { existsSync } from 'node:fs';

/** The repository's root. */
export const root = join(import.meta.dirname, '..', '..');

/** Where a program of this machine lies, or undefined: Debian puts daemons into sbin, which is not on everybody's PATH. */
export function findTool(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** The options of a test that needs `tools`: skipped by name where one is missing. */
export function needs(...tools: string[]): { skip: string | false } {
  const missing = tools.filter((tool) => !findTool(tool));
  return { skip: missing.length > 0 && `not installed here: ${missing.join(', ')}` };
}

/** Runs one of the project's own tools on this Node; answers its exit code and all it printed. */
export function runTool(file: string, args: readonly string[]): { code: number | null; output: string } {
  // Coverage is of the relay, not of compilers. tap hooks what is spawned, whatever its environment; env takes the hooks off.
  const command = ['-u', 'NODE_OPTIONS', process.execPath, join(root, 'node_modules', file), ...args];
  const result = spawnSync('env', command, { cwd: root, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  return { code: result.status, output: `${result.stdout}${result.stderr}` };
}
