import { didYouMean } from '../config/did-you-mean.ts';
import { RelayError } from '../errors/relay-error.ts';
import { VERSION } from '../version.ts';
import { agent } from './agent.ts';
import { checkConfig } from './check-config.ts';
import { parseOptions, type Command, type Invocation } from './command.ts';
import { demo } from './demo/demo.ts';
import { EXIT, exitCode } from './exit-code.ts';
import { explain } from './explain.ts';
import { generations } from './generations.ts';
import { serve } from './serve.ts';
import { status } from './status.ts';
import { update } from './update.ts';
import { verify } from './verify.ts';

export const COMMANDS: readonly Command[] = [
  serve,
  update,
  status,
  generations,
  explain,
  verify,
  checkConfig,
  agent,
  demo,
];

/** Runs the command `args` name and answers the exit code. Every failure ends as one message on stderr. */
export async function run(args: readonly string[], context: Omit<Invocation, 'values'>): Promise<number> {
  const { io, signal } = context;
  try {
    const [name, ...rest] = args;
    if (name === undefined) {
      io.stderr.write(overview());
      return EXIT.usage;
    }
    if (name === '--version') {
      io.stdout.write(`${VERSION}\n`);
      return EXIT.done;
    }
    if (name === '--help' || name === '-h') {
      io.stdout.write(overview());
      return EXIT.done;
    }
    const command = commandNamed(name);
    const values = parseOptions(command, rest);
    if (values['help']) {
      io.stdout.write(`Usage: relay ${command.name} ${command.help}`);
      return EXIT.done;
    }
    return await command.run({ ...context, values });
  } catch (error) {
    const named = nameOf(error, signal);
    io.stderr.write(`relay: ${named.line}\n`);
    return exitCode(named);
  }
}

function commandNamed(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command) return command;
  const hint = didYouMean(
    name,
    COMMANDS.map((candidate) => candidate.name),
  );
  const problem = name.startsWith('-')
    ? `the command comes first, and then its options: found ${name}`
    : `there is no command ${name}${hint}`;
  throw new RelayError('RLY_USAGE', { problem, command: 'relay' });
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    `relay ${VERSION}: an OfficeScan / Apex One Update Agent for Linux and Docker.`,
    '',
    'Usage: relay COMMAND [OPTIONS]',
    '',
    ...rows,
    '',
    '`relay COMMAND --help` says more. Configuration: --config FILE, else RELAY_CONFIG, ./relay.yaml,',
    '/etc/relay/relay.yaml; every key also as RELAY_SECTION__KEY.',
    '',
  ].join('\n');
}

/** What is no error of the catalogue: work that `signal` broke off, or a bug. */
function nameOf(error: unknown, signal: AbortSignal): RelayError {
  if (error instanceof RelayError) return error;
  if (signal.aborted) return new RelayError('RLY_INTERRUPTED', { signal: String(signal.reason) }, { cause: error });
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new RelayError('RLY_INTERNAL', { reason }, { cause: error });
}
