import { AGENT_KINDS, type AgentKind } from '../agent/plan.ts';
import { reportRows, type AgentReport } from '../agent/report.ts';
import { runAgent } from '../agent/run-agent.ts';
import { systemClock } from '../ports/clock.ts';
import { silentEvents } from '../ports/events.ts';
import { formatBytes } from '../terminal/bytes.ts';
import { formatDuration } from '../terminal/duration.ts';
import type { Io } from '../terminal/io.ts';
import { createProgress } from '../terminal/progress.ts';
import { table } from '../terminal/table.ts';
import { createUpstream } from '../upstream/client.ts';
import { jsonOption, text, usage, type Command, type Invocation } from './command.ts';
import { EXIT } from './exit-code.ts';

export const agent: Command = {
  name: 'agent',
  summary: 'be an agent: run the update process against any source and report',
  help: `--source URL… [--only KINDS] [--out DIR] [--have ID=VERSION]… [--json]

Does what an agent below a relay does: reads the index of the first source, takes the incremental for each version
it holds or the full object, fetches the signatures, verifies every size; the next source when one fails.
Needs no configuration.

  --source URL        an update source, e.g. http://relay:8080/activeupdate; several are tried in their order
  --only KINDS        ${AGENT_KINDS.join(', ')}, separated by commas (default: patterns,engines)
  --out DIR           keep what comes, and what version is held: the next run takes the incrementals
  --have ID=VERSION   a version held, e.g. P.4=1724100; several are allowed
  --json              the whole report for programs, with every path and hash

  relay agent --source http://relay:8080/activeupdate --have P.4=1724100
`,
  options: {
    ...jsonOption,
    source: { type: 'string', multiple: true },
    only: { type: 'string' },
    out: { type: 'string' },
    have: { type: 'string', multiple: true },
  },

  async run({ values, io, signal }) {
    const sources = list(values['source']);
    if (sources.length === 0) throw usage('agent', '--source is missing: where should the agent update from?');
    for (const source of sources) {
      if (!/^https?:$/.test(URL.parse(source)?.protocol ?? ''))
        throw usage('agent', `--source ${source} is no http(s) URL`);
    }
    const only = text(values['only'])?.split(',').map(kind);
    const have = new Map(list(values['have']).map(held));
    const upstream = createUpstream({ clock: systemClock, events: silentEvents, connections: 1 });
    using progress = createProgress(io);
    try {
      const report = await runAgent({
        sources: sources.map((source) => source.replace(/\/+$/, '')),
        have,
        out: text(values['out']) ?? null,
        upstream,
        clock: systemClock,
        signal,
        ...(only && { only }),
        onProgress: ({ source, ...rest }) => progress.update({ label: `Updating from ${source}`, ...rest }),
      });
      progress.finish();
      io.stdout.write(values['json'] ? `${JSON.stringify(report, null, 2)}\n` : reportText(report, io));
      return EXIT.done;
    } finally {
      await upstream.close();
    }
  },
};

function list(value: Invocation['values'][string]): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function kind(name: string): AgentKind {
  const found = AGENT_KINDS.find((candidate) => candidate === name.trim());
  if (!found) throw usage('agent', `--only ${name}: there is no such kind, only ${AGENT_KINDS.join(', ')}`);
  return found;
}

function held(pair: string): [id: string, version: string] {
  const [, id, version] = /^([^=\s]+)=(\S+)$/.exec(pair) ?? [];
  if (!id || !version) throw usage('agent', `--have ${pair}: expected ID=VERSION, e.g. P.4=1724100`);
  return [id, version];
}

/** A report for people: a row a component that is not current, the sources tried, the sum. */
function reportText(report: AgentReport, io: Io): string {
  const { source, attempts, totals, durationMs } = report;
  const moved = reportRows(report).filter(({ how }) => how !== 'current');
  const rows = table(
    moved,
    [
      { title: 'COMPONENT', value: ({ id }) => id },
      { title: 'NAME', value: ({ name }) => name },
      { title: 'BEFORE', value: ({ before }) => before },
      { title: 'AFTER', value: ({ after }) => after },
      { title: 'BY', value: ({ how }) => how },
      { title: 'BYTES', value: ({ bytes }) => bytes && formatBytes(bytes), align: 'right' },
      { title: 'SIGNED', value: ({ signed }) => signed },
      { title: 'SHA-256', value: ({ sha256 }) => sha256 },
    ],
    io,
  );
  const failed = attempts.flatMap((attempt) => (attempt.error ? [`Failed   ${attempt.error.message}\n`] : []));
  const { current, incremental, full, received } = totals;
  return [
    moved.length > 0 ? `${rows}\n` : '',
    ...failed,
    `Updated from ${source}: ${full} full, ${incremental} incremental, ${current} current already; `,
    `${formatBytes(received)} in ${formatDuration(durationMs)}.\n`,
  ].join('');
}
