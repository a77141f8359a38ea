import { parseArgs, type ParseArgsConfig } from 'node:util';
import { RelayError } from '../errors/relay-error.ts';
import type { Io } from '../terminal/io.ts';

/** What a command is called with. */
export interface Invocation {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly io: Io;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Aborts when the process is asked to end; a command then comes to an end by itself. */
  readonly signal: AbortSignal;
}

/** One command of `relay`. */
export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What `--help` says after the usage line: what it does, its options, an example. */
  readonly help: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Answers the exit code. */
  run(invocation: Invocation): Promise<number>;
}

/** Options that more than one command has. */
export const configOption = { config: { type: 'string' } } as const;
export const jsonOption = { json: { type: 'boolean' } } as const;

/** Reads a command's own options. Throws RLY_USAGE in the words of Node's parser. */
export function parseOptions(command: Command, args: readonly string[]): Invocation['values'] {
  try {
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    const problem = error instanceof Error ? error.message.replace(/\.? *$/, '') : String(error);
    throw new RelayError('RLY_USAGE', { problem, command: command.name }, { cause: error });
  }
}

/** An option given as text, or undefined. */
export function text(value: Invocation['values'][string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
