import { formatVersion } from '../manifest/names.ts';
import type { Step } from './plan.ts';

/** What became of one component or program package. */
export interface ReportedItem extends Pick<Step, 'id' | 'name' | 'before' | 'after'> {
  /** `absent`: a program package that the index names and the source does not have, or not in that size. */
  readonly how: Step['how'] | 'absent';
  /** The object fetched; null when current. */
  readonly path: string | null;
  /** Its size. */
  readonly bytes: number;
  /** Lower-case hex, of the object and of its signature; null where there is none. */
  readonly sha256: string | null;
  readonly signature: string | null;
}

/** A source that was tried. */
export interface Attempt {
  /** Base URL, without credentials. */
  readonly source: string;
  /** Why it could not bring the agent up to date; null for the one that did. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What one run of the update process did. Plain data: it is its own JSON. */
export interface AgentReport {
  /** The source that brought the agent up to date: base URL, without credentials. */
  readonly source: string;
  /** SHA-256 of its index. */
  readonly index: string;
  readonly attempts: readonly Attempt[];
  readonly components: readonly ReportedItem[];
  readonly totals: {
    readonly current: number;
    readonly incremental: number;
    readonly full: number;
    readonly absent: number;
    /** Of the objects fetched, signatures not counted. */
    readonly bytes: number;
    /** Body bytes that came over the network: index, signatures, tries and sources that failed too. */
    readonly received: number;
  };
  readonly durationMs: number;
}

/** A line of the report, for a table; null is an empty cell. */
export interface ReportRow {
  readonly id: string;
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly how: ReportedItem['how'];
  readonly path: string | null;
  readonly bytes: number | null;
  readonly signed: 'yes' | 'no' | null;
  /** The first 12 characters, enough to compare two agents by eye. */
  readonly sha256: string | null;
}

/** Counts what became of the items. Pure. */
export function totalsOf(items: readonly ReportedItem[], received: number): AgentReport['totals'] {
  const count = (how: ReportedItem['how']) => items.filter((item) => item.how === how).length;
  return {
    current: count('current'),
    incremental: count('incremental'),
    full: count('full'),
    absent: count('absent'),
    bytes: items.reduce((sum, { bytes }) => sum + bytes, 0),
    received,
  };
}

/** The items of a report as people read them. Pure. */
export function reportRows({ components }: AgentReport): ReportRow[] {
  return components.map(({ id, name, before, after, how, path, bytes, sha256, signature }) => ({
    id,
    name,
    before: before && formatVersion(id, before),
    after: after && formatVersion(id, after),
    how,
    path,
    bytes: sha256 === null ? null : bytes,
    signed: sha256 === null ? null : signature === null ? 'no' : 'yes',
    sha256: sha256 === null ? null : sha256.slice(0, 12),
  }));
}
