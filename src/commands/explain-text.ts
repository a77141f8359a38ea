import type { ObjectExplanation } from '../delivery/explain-object.ts';
import type { PulledExplanation } from '../delivery/explain-pulled.ts';
import { formatVersion } from '../manifest/names.ts';
import type { SourcesExplanation } from '../policy/explain-sources.ts';
import { KIND_WORDS } from '../policy/item-kind.ts';
import { formatBytes } from '../terminal/bytes.ts';
import { facts } from '../terminal/facts.ts';
import type { Io } from '../terminal/io.ts';
import { paint } from '../terminal/paint.ts';
import { visibleWidth } from '../terminal/width.ts';

const ROLE_WORDS: Readonly<Record<SourcesExplanation['role'], string>> = {
  agent: 'an agent',
  'update-agent': 'an Update Agent',
};

/** The order of sources as a numbered table, each with its reason below it, which may be long; then those that are left out. */
export function sourcesText({ kind, role, attempts, notTried }: SourcesExplanation, io: Io): string {
  const steps = [...attempts, ...notTried];
  const digits = String(attempts.length).length;
  const width = Math.max(...steps.map(({ source }) => visibleWidth(source)));
  const row = (mark: string, source: string, type: string) =>
    `  ${mark.padStart(digits)}  ${source.padEnd(width)}  ${type}`.trimEnd();
  const block = (mark: string, { source, type, reason }: (typeof steps)[number]) =>
    `${row(mark, source, type)}\n${' '.repeat(4 + digits)}${paint(io, 'dim', reason)}\n`;

  const asked = `${KIND_WORDS[kind]}, as ${ROLE_WORDS[role]}`;
  if (attempts.length === 0) {
    return `No source may be tried for ${asked}: the update quits.\n\nNot tried:\n${notTried.map((step) => block('-', step)).join('')}`;
  }
  return [
    `Sources for ${asked}, in the order in which they are tried:\n\n`,
    `${paint(io, 'bold', row('#', 'SOURCE', 'TYPE'))}\n`,
    ...attempts.map((step, at) => block(String(at + 1), step)),
    '\nWhen the last of them has failed, the update quits; the next one starts again with the first.\n',
    ...(notTried.length > 0 ? ['\nNot tried:\n', ...notTried.map((step) => block('-', step))] : []),
  ].join('');
}

/** What an agent is given for a path, one fact a line. */
export function pathText(explained: ObjectExplanation | PulledExplanation, io: Io): string {
  const lines = 'state' in explained ? pulledLines(explained) : objectLines(explained);
  return facts(
    lines.flatMap(([label, value]) => (value === null ? [] : [[label, value] as const])),
    io,
  );
}

type Line = readonly [label: string, value: string | null];

function objectLines(explained: ObjectExplanation): readonly Line[] {
  const { path, agent, agentGeneration, generation, publishedAt, kind, component, name, version } = explained;
  const { size, sha256, proof, source, fetchedAt } = explained;
  return [
    ['path', path],
    ['generation', `${generation}, published ${publishedAt}`],
    ['agent', agent && `${agent} works from generation ${agentGeneration}`],
    ['kind', kind],
    ['component', component && (name === component ? component : `${component}, ${name}`)],
    ['version', version && formatVersion(component ?? '', version)],
    ['size', `${size} bytes (${formatBytes(size)})`],
    ['sha256', sha256 ?? 'not here yet: it is fetched when the first agent asks for it'],
    ['proven by', proof],
    ['source', source],
    ['fetched', fetchedAt],
  ];
}

const STATE_WORDS: Readonly<Record<PulledExplanation['state'], string>> = {
  fresh: 'here, and given without a question to its source',
  stale: 'here; its source is asked whether it still holds, and without an answer it is given all the same',
  expired: 'here, and too old to be given without its source',
  absent: 'not here; its sources are asked when an agent asks',
  private: 'private: nothing of it is shown',
};

function pulledLines(explained: PulledExplanation): readonly Line[] {
  const { path, kind, state, size, sha256, proof, source, fetchedAt, checkedAt, freshUntil, staleUntil } = explained;
  return [
    ['path', path],
    ['kind', kind],
    ['state', STATE_WORDS[state]],
    ['size', size === null ? null : `${size} bytes (${formatBytes(size)})`],
    ['sha256', sha256],
    ['proven by', proof],
    ['source', source],
    ['fetched', fetchedAt],
    ['checked', checkedAt],
    ['fresh until', freshUntil],
    ['usable until', staleUntil],
  ];
}
