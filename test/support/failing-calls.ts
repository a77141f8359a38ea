import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import { findTool } from './tool.ts';

/** Why system calls of a running process cannot be made to fail here, or false: it takes strace, and the right to trace. */
export function failingCallsRefused(): string | false {
  const strace = findTool('strace');
  if (!strace) return 'not installed here: strace';
  const args = ['-qq', '-o', '/dev/null', '-e', 'inject=fsync:error=EIO', 'true'];
  const { status, stderr } = spawnSync(strace, args, { encoding: 'utf8' });
  return status === 0 ? false : `strace may not inject here: ${stderr.trim()}`;
}

/**
 * From now on every call of these names that a process makes fails with EIO; where `path` is given, only those on that file.
 * Resolves when the process is held; what it answers lets go of it.
 */
export async function failCalls(pid: number, calls: string, path?: string): Promise<() => Promise<void>> {
  const where = path === undefined ? [] : ['-P', path];
  const what = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO`];
  const strace = spawn('strace', ['-f', '-qq', '-o', '/dev/null', ...where, ...what, '-p', String(pid)]);
  await eventually('strace holds the process', () => isTraced(pid, strace));
  return async () => {
    strace.kill('SIGTERM');
    if (strace.exitCode === null) await once(strace, 'exit');
  };
}

/** Every thread: those of the pool are the ones that write. */
function isTraced(pid: number, tracer: ChildProcess): boolean {
  if (tracer.exitCode !== null) throw new Error(`strace ended with ${tracer.exitCode}`);
  const status = `/proc/${pid}/status`;
  return existsSync(status) && readFileSync(status, 'utf8').includes(`TracerPid:\t${tracer.pid}`);
}
