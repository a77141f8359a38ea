import { bar } from '../../terminal/bar.ts';
import { formatBytes } from '../../terminal/bytes.ts';
import { formatAge, formatDuration } from '../../terminal/duration.ts';
import type { Io } from '../../terminal/io.ts';
import { paint, type Style } from '../../terminal/paint.ts';
import { table } from '../../terminal/table.ts';
import { VERSION } from '../../version.ts';
import type { DemoAgentView } from './demo-agent.ts';
import type { DemoWorld } from './demo-world.ts';

const BAR_WIDTH = 32;

/** One that came new, one that was a release behind, one that was five. */
const AGENTS_SHOWN = 3;

const STATE_STYLE: Record<DemoAgentView['state'], Style> = {
  new: 'dim',
  updating: 'cyan',
  updated: 'green',
  failed: 'red',
  'wrong bytes': 'red',
};

/** Where everything listens, and what to try. */
export function placesText({ officeScan, activeUpdate, relay, source }: DemoWorld, io: Io): string[] {
  const places = [
    ['OfficeScan server', officeScan.url, 'synthetic, a release a minute'],
    ['ActiveUpdate server', activeUpdate.url, 'synthetic, standing by'],
    ['relay, for agents', source, 'what agents enter in their source list'],
    ['relay, admin', `${relay.adminUrl}/api/v1/status`, 'and /metrics, /readyz'],
  ];
  const width = Math.max(...places.map(([, url = '']) => url.length));
  return places.map(
    ([name = '', url = '', note = '']) =>
      `  ${name.padEnd(20)} ${paint(io, 'cyan', url.padEnd(width))}  ${paint(io, 'dim', note)}`,
  );
}

/** The picture of one moment, line by line. `nextAt` is when the next release appears; both times in ms since the epoch. */
export function demoLines(world: DemoWorld, io: Io, now: number, nextAt: number): string[] {
  const generation = world.relay.store.generations.current();
  const { phase, lastError } = world.relay.mirror.view();
  const bytes = generation?.objects.reduce((sum, { size }) => sum + size, 0) ?? 0;
  const views = world.agents.map(({ view }) => view);
  const current = views.filter(({ release }) => release === world.release().number).length;
  const { received, served } = traffic(world);
  const most = Math.max(received, served, 1);

  return [
    `${paint(io, 'bold', `Update Agent relay ${VERSION}`)}: a branch office on one machine`,
    '',
    ...placesText(world, io),
    '',
    `  ${'release'.padEnd(20)} ${world.release().number}; the next one in ${formatDuration(Math.max(0, nextAt - now))}`,
    `  ${'generation'.padEnd(20)} ${
      generation
        ? `${generation.number}: ${generation.objects.length} objects, ${formatBytes(bytes)}, published ${formatAge(now - Date.parse(generation.publishedAt))}`
        : 'none yet'
    }${phase === 'idle' ? '' : paint(io, 'cyan', `  ${phase} …`)}`,
    ...(lastError === null ? [] : [`  ${'last error'.padEnd(20)} ${paint(io, 'red', lastError)}`]),
    '',
    `  ${'agents up to date'.padEnd(20)} ${bar(current / views.length, BAR_WIDTH, io)} ${current} of ${views.length}`,
    ...views
      .slice(0, AGENTS_SHOWN)
      .map(
        ({ name, address, state, release, full, incremental, error }) =>
          `    ${name}  ${address.padEnd(12)} ${paint(io, STATE_STYLE[state], state.padEnd(11))} release ${release || '-'}, took ${full} full, ${incremental} incremental${error === null ? '' : `: ${paint(io, 'red', error)}`}`,
      ),
    paint(io, 'dim', `    and ${views.length - AGENTS_SHOWN} more`),
    '',
    `  ${'from the server'.padEnd(20)} ${bar(received / most, BAR_WIDTH, io)} ${formatBytes(received)}`,
    `  ${'served to agents'.padEnd(20)} ${bar(served / most, BAR_WIDTH, io)} ${formatBytes(served)}`,
    '',
    paint(io, 'dim', `  Try  curl --silent ${world.source}/server.ini | head`),
    paint(io, 'dim', `       npx relay agent --source ${world.source}`),
    paint(io, 'dim', '  Ctrl-C ends it and deletes what it made.'),
  ];
}

/** What came of one release, for `--once`. */
export function summaryText(world: DemoWorld, io: Io): string {
  const generation = world.relay.store.generations.current();
  const { received, served } = traffic(world);
  return [
    table(
      world.agents.map(({ view }) => view),
      [
        { title: 'AGENT', value: ({ name }) => name },
        { title: 'ADDRESS', value: ({ address }) => address },
        { title: 'STATE', value: ({ state }) => state },
        { title: 'FULL', value: ({ full }) => full },
        { title: 'INCREMENTAL', value: ({ incremental }) => incremental },
        { title: 'RECEIVED', value: (view) => formatBytes(view.received), align: 'right' },
        { title: 'BYTE FOR BYTE', value: ({ state, error }) => (state === 'updated' ? 'as released' : error) },
      ],
      io,
    ),
    '\n',
    `Release ${world.release().number} is generation ${generation?.number ?? 0}: ${generation?.objects.length ?? 0} objects mirrored.\n`,
    `From the server ${formatBytes(received)}, served to ${world.agents.length} agents ${formatBytes(served)}.\n`,
  ].join('');
}

function traffic({ relay, served }: DemoWorld): { received: number; served: number } {
  return { received: relay.upstream.received.total(), served: served() };
}
