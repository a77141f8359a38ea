import { RelayError } from '../errors/relay-error.ts';
import { VERSION } from '../version.ts';
import { agent } from './agent.ts';
import { checkConfig } from './check-config.ts';
import { parseOptions, type Command, type Invocation } from './command.ts';
import { demo } from './demo/demo.ts';
import { EXIT, exitCode } from './exit-code.ts';
import { serve } from './serve.ts';
import { status } from './status.ts';
import { update } from './update.ts';

export const COMMANDS: readonly Command[] = [serve, update, status, checkConfig, agent, demo];

/** Runs the command `args` name and answers the exit code. Every failure ends as one line on stderr. */
export async function run(args: readonly string[], context: Omit<Invocation, 'values'>): Promise<number> {
  const { stdout, stderr } = context.io;
  try {
    const [name, ...rest] = args;
    if (name === '--version') {
      stdout.write(`${VERSION}\n`);
      return EXIT.done;
    }
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      stdout.write(overview());
      return name === undefined ? EXIT.usage : EXIT.done;
    }
    const command = COMMANDS.find((candidate) => candidate.name === name);
    if (!command) {
      throw new RelayError('RLY_USAGE', { problem: `there is no command ${name}`, command: '' });
    }
    const values = parseOptions(command, rest);
    if (values['help']) {
      stdout.write(`Usage: relay ${command.name} ${command.help}`);
      return EXIT.done;
    }
    return await command.run({ ...context, values });
  } catch (error) {
    stderr.write(`relay: ${line(error)}\n`);
    return exitCode(error);
  }
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

function line(error: unknown): string {
  if (error instanceof RelayError) return error.line;
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new RelayError('RLY_INTERNAL', { reason }).line;
}
