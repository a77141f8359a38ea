import { type Calls, createCaller } from './calls.ts';
import { type Core, runPinned } from './run-pinned.ts';

/** A Node process of the bench's own on one core. */
export interface Worker<C extends Calls> {
  readonly pid: number;
  /** Rejects with the child's stack, or when the child ends first. */
  readonly call: <K extends keyof C & string>(name: K, input: Parameters<C[K]>[0]) => ReturnType<C[K]>;
  readonly stop: () => Promise<void>;
}

/** Starts `file`, which calls `serveCalls`. */
export function startWorker<C extends Calls>(file: string, core: Core): Worker<C> {
  const program = runPinned(core, [process.execPath, '--disable-proto=delete', file], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { call, hear, fail } = createCaller<C>((question) => program.child.send(question));
  program.child.on('message', hear);
  program.child.on('exit', () => fail(`${file} has ended`));
  return { pid: program.pid, call, stop: program.stop };
}
