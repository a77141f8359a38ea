import type { Packing } from './content.ts';
import { fraction } from './random.ts';

/** The incrementals of a line: what an agent a few steps behind fetches instead of the full pattern. */
export interface DeltaSpec {
  /** Incrementals are named `<stem>_<from>.<to>`. */
  readonly stem: string;
  /** How the index announces their number (docs/protocol.md §4); `IU` has a number of its own beside it. */
  readonly count: 'MergeCount' | 'MergeCountEx' | { readonly iu: number };
  /** One incremental for each of so many steps back. */
  readonly near: number;
  /** And one for each of these steps back, older ones, named `f00`, `f01`, … instead of by number. */
  readonly far: readonly number[];
  /** Bytes of the one-step incremental at scale 1. */
  readonly bytes: number;
  readonly packing: Packing;
}

/**
 * One component through all releases: what it is called, how often it changes, how big it is.
 * Its version is `prefix + number + suffix`, and the number grows by `stride` with each step.
 */
export interface Line {
  /** `P.4`, `E.10`. */
  readonly id: string;
  /** `*` stands for the label of the version; without it the name is fixed while the content changes. */
  readonly path: string;
  readonly prefix?: string;
  /** Of release 1. */
  readonly number: number;
  readonly stride?: number;
  readonly suffix?: string;
  /** How a version is written into file names: whole, or the number's last three digits, which recur. */
  readonly label?: 'whole' | 'threeDigits';
  /** Releases from one change to the next. */
  readonly every: number;
  /** At scale 1. */
  readonly bytes: number;
  readonly packing?: Packing;
  /** Whether the server has a signature of it and of its incrementals. */
  readonly signed?: boolean;
  readonly deltas?: DeltaSpec;
}

/** Where a line stands in a release. */
export interface Step {
  /** Changes since release 1. */
  readonly count: number;
  /** The release that brought this step. */
  readonly since: number;
}

/** Lines that change seldom do so in different releases, which ones the seed decides. */
export function stepAt(line: Line, seed: string, release: number): Step {
  const phase = Math.floor(fraction(`${seed} phase ${line.id}`) * line.every);
  const count = Math.floor((release - 1 + phase) / line.every);
  return { count, since: Math.max(1, count * line.every - phase + 1) };
}

/** The version after `count` steps, as the index writes it. */
export function versionAt(line: Line, count: number): string {
  return `${line.prefix ?? ''}${numberAt(line, count)}${line.suffix ?? ''}`;
}

/** The version after `count` steps, as file names write it. */
export function labelAt(line: Line, count: number): string {
  if (line.label !== 'threeDigits') return versionAt(line, count);
  return String(numberAt(line, count) % 1000).padStart(3, '0');
}

function numberAt(line: Line, count: number): number {
  return line.number + count * (line.stride ?? 1);
}
