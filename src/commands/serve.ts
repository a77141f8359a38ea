import { startRelay } from '../app.ts';
import { loadConfig } from '../config/load.ts';
import { isRelayError } from '../errors/relay-error.ts';
import { createEvents } from '../telemetry/events.ts';
import { createLog } from '../telemetry/log.ts';
import { configHelp, configOption, text, type Command } from './command.ts';
import { EXIT } from './exit-code.ts';
import { refuseRoot, rootHelp, rootOption } from './refuse-root.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'run the relay: agents’ listener, admin listener, schedule',
  help: `[--config FILE] [--allow-root]

Mirrors the OfficeScan server and serves agents until it is asked to stop (SIGTERM, SIGINT). At SIGHUP it reads its
configuration again, and says in the log what it took over and what is for the next start; one that is wrong changes
nothing. On a terminal SIGHUP ends it.
Its log goes to standard output: one JSON object a line, or readable lines on a terminal.

  ${configHelp}
  ${rootHelp}

  RELAY_SOURCES__OFFICE_SCAN_SERVER=https://osce.example.com:4343/officescan relay serve
`,
  options: { ...configOption, ...rootOption },

  async run({ values, io, env, cwd, signal, hangups }) {
    refuseRoot({ values, env });
    const where = { file: text(values['config']), env, cwd };
    const { config } = await loadConfig(where);
    const log = createLog({
      level: config.log.level,
      stream: io.stdout,
      isTerminal: io.isTerminal,
      colour: io.colour,
    });
    const events = createEvents([log.listener]);
    const starting = startRelay(config, { listeners: [log.listener] });

    async function readAgain(): Promise<void> {
      try {
        const relay = await starting;
        const next = await loadConfig(where);
        await relay.reload(next.config, 'SIGHUP');
        log.setLevel(next.config.log.level);
      } catch (error) {
        if (isRelayError(error)) events.emit('config.refused', { error: `${error.code}: ${error.message}` });
        else events.emit('error.internal', { error: String(error) });
      }
    }

    // One after the other; before a terminal it is the end of the terminal.
    let reloads: Promise<void> = Promise.resolve();
    if (!io.isTerminal) hangups.on('hangup', () => void (reloads = reloads.then(readAgain)));

    const relay = await starting;
    await aborted(signal);
    await reloads;
    await relay.close(String(signal.reason));
    return EXIT.done;
  },
};

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
