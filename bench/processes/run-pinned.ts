import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';

/** Which core a process runs on: the one under test has one to itself, everything else shares the other. */
const CORES = { server: 0, load: 1 } as const;

export type Core = keyof typeof CORES;

/** Milliseconds until a program that was asked to stop is made to. */
const PATIENCE = 10_000;

export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  /** SIGTERM, and SIGKILL to what does not heed it; gone when this resolves. */
  readonly stop: () => Promise<void>;
}

const running = new Set<ChildProcess>();

// SIGTERM, not SIGKILL: a master that is killed leaves its workers behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

/** Starts a program on one core, its children with it. What still runs when this process ends is stopped then. */
export function runPinned(
  core: Core,
  [command, ...args]: readonly [string, ...string[]],
  options: { readonly stdio: StdioOptions; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string },
): Program {
  const child = spawn('taskset', ['-c', String(CORES[core]), command, ...args], options);
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${command}: is taskset (util-linux) installed?`);
  running.add(child);
  const ended = once(child, 'exit').finally(() => running.delete(child));
  ended.catch(() => {});
  return {
    child,
    pid,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      await ended;
      clearTimeout(hard);
    },
  };
}
