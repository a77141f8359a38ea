import { assembleMirror } from '../app.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { isRelayError } from '../errors/relay-error.ts';
import type { UpdateOutcome } from '../mirror/update.ts';
import type { EventListener } from '../telemetry/events.ts';
import { formatBytes, formatRate } from '../terminal/bytes.ts';
import { formatDuration } from '../terminal/duration.ts';
import type { Io } from '../terminal/io.ts';
import { createProgress } from '../terminal/progress.ts';
import { createAdminClient } from './admin-client.ts';
import { configOption, jsonOption, text, type Command } from './command.ts';
import { dryRunText } from './dry-run-text.ts';
import { EXIT } from './exit-code.ts';
import { followUpdate } from './follow-update.ts';
import { progressOf } from './update-progress.ts';

export const update: Command = {
  name: 'update',
  summary: 'one update now; --dry-run shows what it would fetch',
  help: `[--config FILE] [--dry-run] [--json]

Brings the store up to date with the update source, with progress, and says what came of it.
Where a relay is running on this store, it is asked to do so (that needs admin.tokenFile).

  --dry-run   only plan: which components change, from where, how many bytes
`,
  options: { ...configOption, ...jsonOption, 'dry-run': { type: 'boolean' } },

  async run({ values, io, env, cwd, signal }) {
    const { config } = await loadConfig({ file: text(values['config']), env, cwd });
    const dry = values['dry-run'] === true;
    const json = values['json'] === true;
    try {
      return await (dry ? plan(config, io, json) : updateHere(config, io, json, signal));
    } catch (error) {
      if (!isRelayError(error, 'RLY_STORAGE_LOCKED')) throw error;
    }
    const client = createAdminClient(config.admin);
    if (dry) io.stdout.write(present(await client.dryRun(), json, (answer) => dryRunText(answer, io)));
    else await followUpdate(client, io, json, signal);
    return EXIT.done;
  },
};

async function plan(config: Config, io: Io, json: boolean): Promise<number> {
  const assembly = await assembleMirror(config, { listeners: [] });
  try {
    io.stdout.write(present(await assembly.dryRun(), json, (answer) => dryRunText(answer, io)));
    return EXIT.done;
  } finally {
    await assembly.close();
  }
}

async function updateHere(config: Config, io: Io, json: boolean, signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  using progress = createProgress(io);
  const absent: string[] = [];
  const listener: EventListener = (name, fields) => {
    if (name === 'object.absent') absent.push(String((fields as Record<string, unknown>)['path']));
  };
  const assembly = await assembleMirror(config, { listeners: [listener], onProgress: () => draw() });
  const draw = (): void => {
    const view = assembly.mirror.view();
    // Its end is for the summary to tell.
    if (view.phase !== 'idle' && view.phase !== 'waiting') progress.update(progressOf(view));
  };
  const stop = (): void => void assembly.mirror.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const outcome = await assembly.mirror.update('administrator');
    progress.finish();
    const took = performance.now() - startedAt;
    io.stdout.write(present(outcome, json, (answer) => outcomeText(answer, took)));
    return EXIT.done;
  } finally {
    signal.removeEventListener('abort', stop);
    await assembly.close();
  }
}

function outcomeText(outcome: UpdateOutcome, took: number): string {
  if (outcome.result === 'unchanged') {
    return `No change at ${outcome.source}: generation ${outcome.generation} is current.\n`;
  }
  const { generation, source, fetched, reused, bytes, absent } = outcome;
  const rate = formatRate(bytes / (took / 1000));
  return [
    `Generation ${generation} published from ${source}.`,
    `  fetched  ${fetched} objects, ${formatBytes(bytes)} in ${formatDuration(took)} (${rate})`,
    `  reused   ${reused} objects that were here already`,
    ...absent.map((path) => `  absent   ${path}: named by the index, but not to be had there; agents get 404`),
    '',
  ].join('\n');
}

function present<T>(value: T, json: boolean, asText: (value: T) => string): string {
  return json ? `${JSON.stringify(value, null, 2)}\n` : asText(value);
}
