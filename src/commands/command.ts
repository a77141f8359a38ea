import type { EventEmitter } from 'node:events';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { didYouMean } from '../config/did-you-mean.ts';
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
  /** Emits `hangup` at each SIGHUP. A command that does not listen ends by it. */
  readonly hangups: EventEmitter;
}

/** One command of `relay`. */
export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What `--help` says after the usage line: what it does, its options, an example. */
  readonly help: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** The name of the one argument that may stand beside the options; its value is among theirs. */
  readonly argument?: string;
  /** Answers the exit code. */
  run(invocation: Invocation): Promise<number>;
}

/** Options that more than one command has, and their lines in the help. */
export const configOption = { config: { type: 'string' } } as const;
export const configHelp =
  '--config FILE   the configuration (default: RELAY_CONFIG, ./relay.yaml, /etc/relay/relay.yaml)';
export const jsonOption = { json: { type: 'boolean' } } as const;
export const jsonHelp = '--json          the same for programs';

/** Reads a command's own options. Throws RLY_USAGE in the words of Node's parser, with the option that was meant. */
export function parseOptions(command: Command, args: readonly string[]): Invocation['values'] {
  try {
    const { argument } = command;
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const;
    const allowPositionals = argument !== undefined;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals });
    if (positionals.length > 1) throw new TypeError(`Unexpected argument '${positionals[1]}'`);
    return argument === undefined ? values : { ...values, [argument]: positionals[0] };
  } catch (error) {
    throw usage(command.name, problemOf(error, command), error);
  }
}

/** RLY_USAGE for what a command was called with. */
export function usage(name: string, problem: string, cause?: unknown): RelayError {
  return new RelayError('RLY_USAGE', { problem, command: `relay ${name}` }, { cause });
}

function problemOf(error: unknown, { options }: Command): string {
  const { code, message } = error as NodeJS.ErrnoException;
  // Its second sentence is about arguments after `--`, which no command needs.
  const [first = ''] = message.split('. ');
  const problem = `${first.charAt(0).toLowerCase()}${first.slice(1)}`;
  const [unknown] = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? (/--[\w-]+/.exec(message) ?? []) : [];
  const names = Object.keys(options).map((name) => `--${name}`);
  return unknown === undefined ? problem : `${problem}${didYouMean(unknown, names)}`;
}

/** An option given as text, or undefined. */
export function text(value: Invocation['values'][string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
