import { startRelay } from '../app.ts';
import { loadConfig } from '../config/load.ts';
import { RelayError } from '../errors/relay-error.ts';
import { logListener } from '../telemetry/log.ts';
import { configHelp, configOption, text, type Command } from './command.ts';
import { EXIT } from './exit-code.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'run the relay: agents’ listener, admin listener, schedule',
  help: `[--config FILE] [--allow-root]

Mirrors the OfficeScan server and serves agents until it is asked to stop (SIGTERM, SIGINT).
Its log goes to standard output: one JSON object a line, or readable lines on a terminal.

  ${configHelp}
  --allow-root    run as root all the same (RELAY_ALLOW_ROOT=1)

  RELAY_SOURCES__OFFICE_SCAN_SERVER=https://osce.example.com:4343/officescan relay serve
`,
  options: { ...configOption, 'allow-root': { type: 'boolean' } },

  async run({ values, io, env, cwd, signal }) {
    refuseRoot(values['allow-root'] === true || env['RELAY_ALLOW_ROOT'] === '1');
    const { config } = await loadConfig({ file: text(values['config']), env, cwd });
    const log = logListener({
      level: config.log.level,
      stream: io.stdout,
      isTerminal: io.isTerminal,
      colour: io.colour,
    });
    const relay = await startRelay(config, { listeners: [log] });
    await aborted(signal);
    await relay.close(String(signal.reason));
    return EXIT.done;
  },
};

function refuseRoot(allowed: boolean): void {
  if (!allowed && process.getuid?.() === 0) throw new RelayError('RLY_ROOT_REFUSED', {});
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
