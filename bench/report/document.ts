import { tableOf } from '../../scripts/markdown.ts';
import { median } from '../load/percentile.ts';
import { type Goal, type Metric, METRICS, type Series } from '../result.ts';
import { launchesText } from './launches.ts';
import { losses } from './losses.ts';
import type { MeasuredResult } from './results.ts';

/** docs/benchmarks.md: every figure in it is one of `results`. Pure. */
export function benchmarksDocument(results: readonly MeasuredResult[]): string {
  return `${[
    '# Benchmarks',
    '<!-- Generated from bench/results by `npm run bench` and `npm run docs`. Do not edit. -->',
    INTRO,
    ...figures(results),
    '## How each of them was run',
    launchesText(),
  ].join('\n\n')}\n`;
}

function figures(results: readonly MeasuredResult[]): string[] {
  if (results.length === 0) return ['Nothing has been measured yet.'];
  return [
    '## Figures to reach',
    goalsTable(results),
    '## Where the relay loses',
    lossesText(results),
    ...results.map(section),
  ];
}

const INTRO = `The relay side by side with the servers one would otherwise put in its place. \`npm run bench\` measures everything anew and
writes this page; \`npm run bench -- hot\` one part; \`npm run bench -- --short\` shows in a minute that everything runs and answers the
right bytes, and writes nothing. It needs two cores, and what it compares with, from Debian:
\`apt-get install wrk nginx-light varnish trafficserver squid\`. What is not installed is left out and named.

- Each server runs as a process of its own, pinned to one core. The load and the update source run on the other.
- Figures are medians of the rounds; each round begins with another server. CPU time is what \`/proc/PID/stat\` counts for the server's
  processes, user and system. The last column of a table says how much of its core the load took: at 100 % the load is the limit, and rates say
  how fast it can read. CPU time for each request or GB still holds.
- Nobody writes an access log. The relay counts its metrics.
- Everything happens on loopback; no disk is waited for, as the page cache holds it all.`;

function goalsTable(results: readonly MeasuredResult[]): string {
  const rows = results.flatMap(({ goals }) => goals.map(goalRow));
  return tableOf(['', 'measured', 'to reach', ''], rows);
}

function goalRow({ says, value, atMost, atLeast }: Goal): string[] {
  const reached = value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity);
  const limit = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  return [says, Number.isFinite(value) ? value.toPrecision(3) : '—', limit, reached ? 'reached' : '**not reached**'];
}

function lossesText(results: readonly MeasuredResult[]): string {
  const rows = losses(results).map(({ case: name, metric, relay, better }) => [
    name,
    METRICS[metric].says,
    format(relay, metric),
    better.map(({ contender, value }) => `${contender} ${format(value, metric)}`).join(', '),
  ]);
  if (rows.length === 0) return 'Nowhere.';
  return `Every figure above or below in which somebody does better:\n\n${tableOf(['', '', 'relay', 'better'], rows)}`;
}

function section({ title, method, machine, participants, series }: MeasuredResult): string {
  const { at, processor, cores, memory, system, kernel, node, commit } = machine;
  const gib = Math.round(memory / 2 ** 30);
  const skipped = participants.filter((one) => one.skipped !== null);
  return [
    `## ${title}`,
    method.join('\n'),
    `Measured ${at.slice(0, 10)} at commit ${commit} on ${cores} cores of ${processor}, ${gib} GiB, ${system}, Linux ${kernel}, Node ${node}. ` +
      participants
        .filter((one) => one.skipped === null)
        .map(({ name, version }) => `${name}: ${version}`)
        .join('; ') +
      '.',
    ...skipped.map(({ name, skipped: reason }) => `Left out: ${name}, for ${reason}.`),
    ...[...new Set(series.map((one) => one.case))].map((name) => caseTable(name, series)),
  ].join('\n\n');
}

function caseTable(name: string, all: readonly Series[]): string {
  const series = all.filter((one) => one.case === name);
  const metrics = [...new Set(series.map(({ metric }) => metric))];
  const contenders = [...new Set(series.map(({ contender }) => contender))];
  const figure = (contender: string, metric: Metric): string => {
    const found = series.find((one) => one.contender === contender && one.metric === metric);
    return found ? format(median(found.rounds), metric) : '';
  };
  const rows = contenders.map((contender) => [contender].concat(metrics.map((metric) => figure(contender, metric))));
  return `### ${name}\n\n${tableOf(['', ...metrics.map((metric) => METRICS[metric].says)], rows)}`;
}

function format(value: number, metric: Metric): string {
  const { digits } = METRICS[metric];
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
