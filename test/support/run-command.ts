import { EventEmitter } from 'node:events';
import { run } from '../../src/commands/run.ts';
import { fakeIo, type FakeIo } from './fake-io.ts';

export interface CommandEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  /** Where no relay.yaml lies, unless the test wrote one. */
  readonly cwd: string;
  readonly io: FakeIo;
  readonly signal: AbortSignal;
  readonly hangups: EventEmitter;
}

/** Runs `relay ARGS` in this process, in a pipe and with no environment but `env`; answers how it ended and what it wrote. */
export async function runCommand(args: readonly string[], context: Partial<CommandContext> = {}): Promise<CommandEnd> {
  const { env = {}, cwd = import.meta.dirname, io = fakeIo(), signal = new AbortController().signal } = context;
  const { hangups = new EventEmitter() } = context;
  const code = await run(args, { io, env, cwd, signal, hangups });
  return { code, ...io.written };
}
