import { RelayError } from '../errors/relay-error.ts';
import { versionSteps, versionsOf, type ComponentFiles, type VersionStep } from '../manifest/versions.ts';
import { parseHttpDate } from '../upstream/http-date.ts';
import type { Newcomers } from './high-water.ts';

/** Why an index may not follow what was published, each null where it may. */
export interface RatchetVerdict {
  readonly older: RelayError<'RLY_UPDATE_OLDER'> | null;
  readonly shrunk: RelayError<'RLY_UPDATE_SHRUNK'> | null;
  /** Older in something and newer in nothing: what a source looks like that is merely late. */
  readonly isBehind: boolean;
}

export interface RatchetInput {
  readonly url: string;
  /** `lastModified` as its source dated it; null where it did not, or where the current generation is another source's. */
  readonly found: { readonly files: ComponentFiles; readonly lastModified: string | null };
  /** The highest versions that were published, and the date of the current generation. */
  readonly held: { readonly versions: ReadonlyMap<string, string>; readonly lastModified: string | null };
  /** What this source listed the last time, where that is known; else the current generation; null where there is none. */
  readonly before: { readonly files: ComponentFiles; readonly generation: number } | null;
  /** Every component that this source has listed, in the order in which they came. */
  readonly listed: readonly Newcomers[];
}

/**
 * The ratchet: no component goes back to an older version, and no index takes away more than half of what was there, at
 * once or step by step, unless a person says so. Whoever can put an old, genuine index in front of the relay could else
 * bring back every hole that was closed since; and a file cut short, or of another product, would empty the branch
 * (SECURITY.md). The date of the index decides only where versions say nothing: clocks of servers are set back now and
 * then. Pure.
 */
export function judgeRatchet({ url, found, held, before, listed }: RatchetInput): RatchetVerdict {
  const { older, newer } = versionSteps(versionsOf(found.files), held.versions);
  const contrast =
    older.length > 0
      ? contrastOf(older)
      : newer.length === 0 && isEarlier(found.lastModified, held.lastModified)
        ? { found: `Last-Modified: ${found.lastModified}`, expected: `at least ${held.lastModified}` }
        : null;
  const loss = (before && filesLost(found.files, before)) ?? componentsLost(found.files, listed);
  return {
    older: contrast && new RelayError('RLY_UPDATE_OLDER', { url, ...contrast }),
    shrunk: loss && new RelayError('RLY_UPDATE_SHRUNK', { url, ...loss }),
    isBehind: older.length > 0 && newer.length === 0,
  };
}

/** Components named in an error; `relay update --dry-run` shows them all. */
const STEPS_SHOWN = 5;

function contrastOf(steps: readonly VersionStep[]): { found: string; expected: string } {
  const shown = steps.slice(0, STEPS_SHOWN);
  const more = steps.length > shown.length ? ` and ${steps.length - shown.length} more` : '';
  return {
    found: shown.map(({ component, found }) => `${component} ${found}`).join(', ') + more,
    expected: `at least ${shown.map(({ component, held }) => `${component} ${held}`).join(', ')}`,
  };
}

function isEarlier(found: string | null, held: string | null): boolean {
  const [made, known] = [parseHttpDate(found ?? ''), parseHttpDate(held ?? '')];
  return made !== null && known !== null && made < known;
}

/** What is gone, of how much, where that is more than half. */
interface Loss {
  readonly found: number;
  readonly expected: number;
  readonly things: string;
}

/**
 * Files of patterns and engines that are gone, component by component: their names change with every release.
 * Packages do not count: to tidy up those of old products is no reason to hold back patterns (docs/protocol.md §4).
 */
function filesLost(found: ComponentFiles, { files, generation }: NonNullable<RatchetInput['before']>): Loss | null {
  const now = countFiles(found);
  let lost = 0;
  let listed = 0;
  for (const [component, count] of countFiles(files)) {
    listed += count;
    lost += Math.max(0, count - (now.get(component) ?? 0));
  }
  const things = `pattern and engine files that generation ${generation} lists`;
  return lost * 2 > listed ? { found: lost, expected: listed, things } : null;
}

/**
 * Whether at any moment so far more than half of the components known then are gone now. Each moment by itself: against
 * all that ever came together, a source could first list hundreds of made-up ones, beside which the others are no half.
 */
function componentsLost(found: ComponentFiles, listed: readonly Newcomers[]): Loss | null {
  const now = versionsOf(found);
  let lost = 0;
  let known = 0;
  for (const { generation, components } of listed) {
    known += components.length;
    lost += components.filter((component) => !now.has(component)).length;
    const things = `components that were known in generation ${generation}`;
    if (lost * 2 > known) return { found: lost, expected: known, things };
  }
  return null;
}

function countFiles(files: ComponentFiles): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { component, kind } of files) {
    if (kind === 'program' || kind === 'signature') continue;
    counts.set(component, (counts.get(component) ?? 0) + 1);
  }
  return counts;
}
