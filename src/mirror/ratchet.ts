import { RelayError } from '../errors/relay-error.ts';
import { versionSteps, type ComponentFiles, type VersionStep } from '../manifest/versions.ts';
import { parseHttpDate } from '../upstream/http-date.ts';

/** An index as far as it shows which moment it is of. */
export interface IndexMoment {
  readonly files: ComponentFiles;
  /** As its source dated it; null where it did not, or where the other side is another source's. */
  readonly lastModified: string | null;
}

/** Why an index may not follow what was published, each null where it may. */
export interface RatchetVerdict {
  readonly older: RelayError<'RLY_UPDATE_OLDER'> | null;
  readonly shrunk: RelayError<'RLY_UPDATE_SHRUNK'> | null;
  /** Older in something and newer in nothing: what a source looks like that is merely late. */
  readonly isBehind: boolean;
}

export interface RatchetInput {
  readonly url: string;
  readonly found: IndexMoment;
  /** The current generation. */
  readonly held: IndexMoment & { readonly generation: number };
  /** What this source listed the last time, where that is known; else the current generation. */
  readonly before: { readonly files: ComponentFiles; readonly generation: number };
}

/**
 * The ratchet: no component goes back to an older version, and no index takes away more than half of what was there,
 * unless a person says so. Whoever can put an old, genuine index in front of the relay could else bring back every
 * hole that was closed since; and a file cut short, or of another product, would empty the branch (SECURITY.md).
 * The date of the index decides only where versions say nothing: clocks of servers are set back now and then. Pure.
 */
export function judgeRatchet({ url, found, held, before }: RatchetInput): RatchetVerdict {
  const { older, newer } = versionSteps(found.files, held.files);
  const { generation } = held;
  const contrast =
    older.length > 0
      ? contrastOf(older)
      : newer.length === 0 && isEarlier(found.lastModified, held.lastModified)
        ? { found: `Last-Modified: ${found.lastModified}`, expected: `at least ${held.lastModified}` }
        : null;
  const { lost, listed } = losses(found.files, before.files);
  return {
    older: contrast && new RelayError('RLY_UPDATE_OLDER', { url, generation, ...contrast }),
    shrunk:
      lost * 2 > listed
        ? new RelayError('RLY_UPDATE_SHRUNK', { url, found: lost, expected: listed, generation: before.generation })
        : null,
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

/**
 * How many files of patterns and engines are gone, component by component: their names change with every release.
 * Packages do not count: to tidy up those of old products is no reason to hold back patterns (docs/protocol.md §4).
 */
function losses(found: ComponentFiles, before: ComponentFiles): { lost: number; listed: number } {
  const now = countFiles(found);
  let lost = 0;
  let listed = 0;
  for (const [component, count] of countFiles(before)) {
    listed += count;
    lost += Math.max(0, count - (now.get(component) ?? 0));
  }
  return { lost, listed };
}

function countFiles(files: ComponentFiles): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { component, kind } of files) {
    if (kind === 'program' || kind === 'signature') continue;
    counts.set(component, (counts.get(component) ?? 0) + 1);
  }
  return counts;
}
