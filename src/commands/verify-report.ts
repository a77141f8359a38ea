import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../storage/findings.ts';
import type { Inspection } from '../../storage/inspect-store.ts';
import { formatBytes } from '../terminal/bytes.ts';
import type { Io } from '../terminal/io.ts';
import { paint } from '../terminal/paint.ts';
import { table } from '../terminal/table.ts';

/** A finding, and what became of it. */
export interface ReportedFinding extends Omit<Finding, 'blob'> {
  /** What a repair did about it; null where it did nothing, or none was asked for. */
  readonly done: string | null;
}

/** What `relay verify` found, and what it did. */
export interface VerifyReport {
  readonly path: string;
  readonly generations: number;
  readonly blobs: number;
  /** Of all blobs. */
  readonly bytes: number;
  readonly findings: readonly ReportedFinding[];
  /** How many are wrong and stayed so. */
  readonly wrong: number;
  /** What stood in the way of a repair: `RLY_…: what happened`; null where nothing did, or none was asked for. */
  readonly repairFailed: string | null;
}

/** What was found by one look. */
export function reportOf(path: string, { generations, blobs, bytes, findings }: Inspection): VerifyReport {
  const reported = findings.map((found) => withDone(found, null));
  return { path, generations, blobs, bytes, findings: reported, wrong: wrongOf(findings), repairFailed: null };
}

/** What was found before a repair, what became of it, and what there is now that was not there before. */
export function repairReportOf(
  path: string,
  before: Inspection,
  after: Inspection,
  repairFailed: string | null,
): VerifyReport {
  const left = new Set(after.findings.map(keyOf));
  const known = new Set(before.findings.map(keyOf));
  const findings = [
    ...before.findings.map((found) => withDone(found, left.has(keyOf(found)) ? null : doneTo(path, found))),
    ...after.findings.filter((found) => !known.has(keyOf(found))).map((found) => withDone(found, null)),
  ];
  const { generations, blobs, bytes } = after;
  return { path, generations, blobs, bytes, findings, wrong: wrongOf(after.findings), repairFailed };
}

/** Whether a repair does anything about it. */
export function isMendable({ about }: Pick<Finding, 'about'>): boolean {
  return about !== 'unknown' && about !== 'audit';
}

const ANEW: Readonly<Record<Finding['about'], string>> = {
  pointer: 'written anew',
  generation: 'written anew',
  blob: 'fetched again',
  orphans: 'removed',
  list: 'written anew',
  audit: 'gone',
  folder: 'made anew',
  temporaries: 'removed',
  unknown: 'gone',
};

function doneTo(path: string, { about, file }: Finding): string {
  return existsSync(join(path, file)) ? ANEW[about] : 'removed';
}

function withDone({ weight, about, file, object, problem }: Finding, done: string | null): ReportedFinding {
  return { weight, about, file, object, problem, done };
}

const keyOf = ({ weight, about, file }: Finding): string => `${weight} ${about} ${file}`;

const wrongOf = (findings: readonly Finding[]): number => findings.filter(({ weight }) => weight === 'wrong').length;

/** The report for people: a table of the findings, then the sum. */
export function verifyText(report: VerifyReport, io: Io): string {
  const { findings, generations, blobs, bytes, wrong, repairFailed } = report;
  const repaired = findings.some(({ done }) => done !== null) || repairFailed !== null;
  const rows = table(
    findings,
    [
      { title: 'FOUND', value: ({ weight }) => (weight === 'wrong' ? paint(io, 'red', weight) : weight) },
      { title: 'FILE', value: ({ file }) => shown(file, io) },
      { title: 'OBJECT', value: ({ object }) => object },
      { title: 'PROBLEM', value: ({ problem }) => shown(problem, io) },
      ...(repaired ? [{ title: 'DONE', value: ({ done }: ReportedFinding) => done }] : []),
    ],
    io,
  );
  const notes = findings.filter(({ weight, done }) => weight === 'note' && done === null).length;
  return [
    findings.length > 0 ? `${rows}\n` : '',
    `${counted(generations, 'generation')} and ${counted(blobs, 'blob')} (${formatBytes(bytes)}) read: `,
    wrong === 0 ? 'all is right' : paint(io, 'red', `${wrong} wrong`),
    notes > 0 ? `, ${notes} to note.\n` : '.\n',
    repairFailed === null
      ? ''
      : `The repair did not come to its end: ${repairFailed}. While no source can serve an update, nothing damaged is deleted.\n`,
    findings.some((found) => found.weight === 'wrong' && isMendable(found)) && !repaired
      ? '`relay verify --repair` deletes what is damaged and fetches it again.\n'
      : '',
    findings.some(({ about }) => about === 'audit')
      ? 'Nothing mends an audit log. Keep it for whoever looks into this, and move it away while the relay is stopped.\n'
      : '',
  ].join('');
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Bits enough of a hash to tell it from all others; a pipe gets the whole. */
function shown(text: string, io: Io): string {
  return io.isTerminal
    ? text.replace(/[0-9a-f]{64}/g, (hash) => `${hash.slice(0, 12)}${io.unicode ? '…' : '~'}`)
    : text;
}
