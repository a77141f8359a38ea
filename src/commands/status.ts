import { loadConfig } from '../config/load.ts';
import { formatBytes } from '../terminal/bytes.ts';
import { formatAge, formatDuration } from '../terminal/duration.ts';
import { facts } from '../terminal/facts.ts';
import { paint } from '../terminal/paint.ts';
import type { Io } from '../terminal/io.ts';
import type { Status } from '../telemetry/status.ts';
import { createAdminClient } from './admin-client.ts';
import { configHelp, configOption, jsonHelp, jsonOption, text, type Command } from './command.ts';
import { EXIT } from './exit-code.ts';

export const status: Command = {
  name: 'status',
  summary: 'what the running relay holds and does',
  help: `[--config FILE] [--json]

Asks the running relay through its admin listener: the generation agents get, the update, the sources, the disk.

  ${configHelp}
  ${jsonHelp}
`,
  options: { ...configOption, ...jsonOption },

  async run({ values, io, env, cwd, signal }) {
    const { config } = await loadConfig({ file: text(values['config']), env, cwd });
    const answer = await createAdminClient(config.admin, signal).status();
    io.stdout.write(values['json'] ? `${JSON.stringify(answer, null, 2)}\n` : statusText(answer, io, Date.now()));
    return EXIT.done;
  },
};

/** The status for people: one fact a line, what is wrong in red. `now` in ms since the epoch. */
export function statusText(
  { version, generation, update, sources, storage, wan }: Status,
  io: Io,
  now: number,
): string {
  const age = (time: string | null): string => (time ? formatAge(now - Date.parse(time)) : 'never');
  const lines: [string, string][] = [
    ['relay', version],
    [
      'generation',
      generation
        ? `${generation.number}, published ${age(generation.publishedAt)}, confirmed ${age(generation.confirmedAt)}: ${generation.objects} objects, ${formatBytes(generation.bytes)}; ${generation.onDemand} more on demand`
        : paint(io, 'yellow', 'none yet: agents get 503'),
    ],
    ['update', updateText(update)],
    ['last success', age(update.lastSuccessAt)],
    ...(update.lastError ? [['last error', paint(io, 'red', update.lastError)] as [string, string]] : []),
    ...(update.nextAt
      ? [['next update', `in ${formatDuration(Date.parse(update.nextAt) - now)}`] as [string, string]]
      : []),
    ...sources.flatMap(({ url, type, state, lastError, notBefore }): [string, string][] => [
      [
        'source',
        `${url} (${type}, ${state}${notBefore ? `, not asked for ${formatDuration(Date.parse(notBefore) - now)}` : ''})`,
      ],
      // An update that failed names them all above; one that another source saved says nothing of this one.
      ...(lastError && !update.lastError ? [['', paint(io, 'red', lastError)] satisfies [string, string]] : []),
    ]),
    ['storage', `${formatBytes(storage.bytes)} of ${formatBytes(storage.maxBytes)}`],
    ['scrub', scrubText(storage.scrub, now)],
    ['over the WAN', `${formatBytes(wan.bytes)} since the start`],
  ];
  return facts(lines, io);
}

function updateText({ state, progress }: Status['update']): string {
  if (state !== 'acquiring') return state;
  const { objects, bytes } = progress;
  return `acquiring: ${objects.done} of ${objects.total} objects, ${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}`;
}

function scrubText({ state, blobs, broken, lastWalkAt, nextAt }: Status['storage']['scrub'], now: number): string {
  const found = broken > 0 ? `, ${broken} broken` : '';
  if (state === 'walking') return `reading: ${blobs.done} of ${blobs.total} blobs${found}`;
  const last = lastWalkAt === null ? 'not yet' : `all read ${formatAge(now - Date.parse(lastWalkAt))}${found}`;
  return nextAt === null ? last : `${last}; next in ${formatDuration(Date.parse(nextAt) - now)}`;
}
