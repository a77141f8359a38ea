import type { FilePlan, ListedComponent, ListedObject } from './components.ts';
import type { EngineLine } from './engine-lines.ts';
import { PRODUCT_SECTIONS } from './programs.ts';

/** What an index is written from. */
export interface IndexParts {
  readonly number: number;
  /** Base URL for `[Server]`, which would lead an agent past the relay (docs/protocol.md §4). */
  readonly activeUpdateUrl: string;
  readonly patterns: readonly ListedComponent[];
  readonly engines: readonly ListedComponent<EngineLine>[];
  readonly programs: readonly FilePlan[];
}

/** The server.ini of a release: LF, ASCII, blank lines between most sections, legacy keys between others. */
export function indexText({ number, activeUpdateUrl, patterns, engines, programs }: IndexParts): string {
  return [
    '[Common]',
    `; release ${number} of the relay's lab: no file listed here has anything to do with malware`,
    'Version=1.0',
    'ActiveUpdate=2.87.0.1001',
    'CertExpireDate=Jan  1 00:00:00 2036 GMT',
    '',
    '[Server]',
    'AvailableServer=1',
    `Server.1=${activeUpdateUrl}`,
    '',
    '[PATTERN]',
    ...legacyHead(patterns),
    ...patterns.map(patternLine),
    ...patterns.flatMap(mergeLines),
    '',
    '[ENGINE]',
    ...engines.map(engineLine),
    '',
    productSections(programs),
  ].join('\n');
}

// Spaces after commas are optional; every fifth entry does without.
const comma = (index: number): string => (index % 5 === 4 ? ',' : ', ');

function patternLine({ full }: ListedComponent, index: number): string {
  return `${full.component}=${[full.path, full.version, full.size].join(comma(index))}`;
}

function engineLine({ line, full }: ListedComponent<EngineLine>, index: number): string {
  return `${full.component}=${line.name},${[full.path, full.version, full.size, line.minimum].join(comma(index))}`;
}

function mergeLines({ line, incrementals }: ListedComponent): string[] {
  const { deltas, id } = line;
  if (!deltas) return [];
  const entries = incrementals.map(
    ({ path, version, size }, index) => `${id}.Merge.${index + 1}=${path}, ${version}, ${size}`,
  );
  if (typeof deltas.count === 'object') {
    return [`${id}.IU=${deltas.count.iu}`, `${id}.MergeCountIU=${entries.length}`, ...entries];
  }
  const count = `${id}.${deltas.count}=${entries.length}`;
  if (deltas.count === 'MergeCountEx') return [count, ...entries];
  // Only Virus Pattern has a plain MergeCount, and only it is told to old clients a second time, between the others.
  const told = entries.flatMap((entry, index) => [entry, ...legacyMerge(incrementals[index], index + 1)]);
  return [count, ...told.toSpliced(3, 0, `MergeCount=${entries.length}`)];
}

function legacyMerge(incremental: ListedObject | undefined, rank: number): string[] {
  if (!incremental) return [];
  const { path, version, size } = incremental;
  return [`Merge.${rank}=${threeDigits(version)}`, `MergePath_VSAPI.${rank}=${path}, ${size}`];
}

function legacyHead(patterns: readonly ListedComponent[]): string[] {
  const virus = patterns.find(({ line }) => line.deltas?.count === 'MergeCount')?.full;
  return virus ? [`Version=${threeDigits(virus.version)}`, `Path_VSAPI=${virus.path}, ${virus.size}`] : [];
}

// Version 1724100 reads 17.241.00.
function threeDigits(version: string): string {
  return version.slice(-5, -2);
}

function productSections(programs: readonly FilePlan[]): string {
  const sizes = new Map(programs.map(({ path, size }) => [path, size]));
  return PRODUCT_SECTIONS.replaceAll(/<(.+)>/g, (_, path: string) => `${path},${sizes.get(path)}`);
}
