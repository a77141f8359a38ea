import { loadConfig } from '../config/load.ts';
import { formatBytes } from '../terminal/bytes.ts';
import { formatAge } from '../terminal/duration.ts';
import type { Io } from '../terminal/io.ts';
import { table } from '../terminal/table.ts';
import type { Generations } from '../telemetry/generations.ts';
import { createAdminClient } from './admin-client.ts';
import { configHelp, configOption, jsonHelp, jsonOption, text, type Command } from './command.ts';
import { EXIT } from './exit-code.ts';

export const generations: Command = {
  name: 'generations',
  summary: 'which generations the running relay keeps',
  help: `[--config FILE] [--json]

Asks the running relay through its admin listener: each generation that is kept, the newest first, how much of it is
on disk and how much is fetched when an agent asks for it, and whether agents get it or may still work from it.

  ${configHelp}
  ${jsonHelp}
`,
  options: { ...configOption, ...jsonOption },

  async run({ values, io, env, cwd, signal }) {
    const { config } = await loadConfig({ file: text(values['config']), env, cwd });
    const answer = await createAdminClient(config.admin, signal).generations();
    io.stdout.write(values['json'] ? `${JSON.stringify(answer, null, 2)}\n` : generationsText(answer, io, Date.now()));
    return EXIT.done;
  },
};

/** The generations as a table. `now` in ms since the epoch. */
export function generationsText({ items }: Generations, io: Io, now: number): string {
  if (items.length === 0) return 'none yet: agents get 503\n';
  return table(
    items,
    [
      { title: 'GENERATION', value: ({ number }) => number },
      { title: 'PUBLISHED', value: ({ publishedAt }) => formatAge(now - Date.parse(publishedAt)) },
      { title: 'OBJECTS', value: ({ onDisk }) => onDisk.objects },
      { title: 'ON DISK', align: 'right', value: ({ onDisk }) => formatBytes(onDisk.bytes) },
      { title: 'ON DEMAND', align: 'right', value: ({ onDemand }) => formatBytes(onDemand.bytes) },
      { title: 'AGENTS', value: ({ current, inUse }) => (current ? 'get it' : inUse ? 'may still use it' : null) },
      { title: 'SOURCE', value: ({ source }) => source },
    ],
    io,
  );
}
