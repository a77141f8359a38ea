import { relative } from 'node:path';
import type { Generation } from '../src/ports/generation.ts';
import type { Blob } from '../src/ports/store.ts';
import { blobPath, generationPath, type Layout } from './layout.ts';
import { IS_GONE } from './plain-file.ts';
import type { StoreLook } from './store-look.ts';

/** Something about a store that is not as it should be. */
export interface Finding {
  /** `wrong`: something is lost or damaged. `note`: it does no harm, and goes by itself or is for people to decide. */
  readonly weight: 'wrong' | 'note';
  readonly about:
    'pointer' | 'generation' | 'blob' | 'orphans' | 'list' | 'audit' | 'folder' | 'temporaries' | 'unknown';
  /** Relative to the store. */
  readonly file: string;
  /** Of a blob: what it is for, as in `pattern/lpt991.zip of generation 3`. */
  readonly object: string | null;
  /** Completes the sentence "it …". */
  readonly problem: string;
  /** What lies, or should lie, under the name of a blob. */
  readonly blob: Blob | null;
}

/** Also of a store that an earlier version wrote. */
const GONE = 'is gone; the next start makes it anew';

/** Who needs a blob. */
interface Need {
  readonly blob: Blob;
  /** `pattern/lpt991.zip of generation 3`. */
  readonly uses: string[];
  /** By a generation: without it that generation is not whole. */
  published: boolean;
}

/** Every blob that a generation or a list names. */
export function neededBlobs({ generations, lists }: StoreLook): ReadonlyMap<string, Need> {
  const needs = new Map<string, Need>();
  function need({ sha256, size }: Blob, use: string, published: boolean): void {
    const known = needs.get(sha256) ?? { blob: { sha256, size }, uses: [], published: false };
    known.uses.push(use);
    known.published ||= published;
    needs.set(sha256, known);
  }
  for (const { number, index, objects } of readable(generations)) {
    need(index, `the index of generation ${number}`, true);
    for (const object of objects) need(object, `${object.path} of generation ${number}`, true);
  }
  for (const list of lists.values()) {
    if ('value' in list) for (const { blob, use } of list.value.uses) need(blob, use, false);
  }
  return needs;
}

/**
 * What is not as it should be, given what lies there and the flaws of the blobs, by name. Pure.
 */
export function findingsOf(layout: Layout, look: StoreLook, flaws: ReadonlyMap<string, string>): Finding[] {
  const needs = neededBlobs(look);
  return [
    ...pointerFindings(look),
    ...generationFindings(layout, look),
    ...blobFindings(layout, look, needs, flaws),
    ...orphanFindings(look, needs),
    ...look.missing.map((name) => finding('folder', name, GONE, 'note')),
    ...listFindings(look),
    ...auditFindings(look),
    ...temporaryFindings(look),
    ...unknownFindings(layout, look, needs),
  ];
}

function pointerFindings({ pointer, generations }: StoreLook): Finding[] {
  if (generations.size === 0 && 'reason' in pointer && pointer.reason === IS_GONE) return [];
  if ('reason' in pointer) return [finding('pointer', 'current', pointer.reason)];
  const named = generations.get(pointer.value);
  if (named && 'value' in named) return [];
  return [finding('pointer', 'current', `names generation ${pointer.value}, which cannot be read`)];
}

function generationFindings(layout: Layout, { pointer, generations }: StoreLook): Finding[] {
  return [...generations].flatMap(([number, checked]) => {
    const file = relative(layout.root, generationPath(layout, number));
    if ('reason' in checked) return [finding('generation', file, checked.reason)];
    const published = 'reason' in pointer || number <= pointer.value;
    return published ? [] : [finding('generation', file, 'was never published; the next start removes it', 'note')];
  });
}

function blobFindings(
  layout: Layout,
  { scan }: StoreLook,
  needs: ReadonlyMap<string, Need>,
  flaws: ReadonlyMap<string, string>,
): Finding[] {
  return [...flaws].map(([sha256, flaw]): Finding => {
    const need = needs.get(sha256);
    const blob = need?.blob ?? { sha256, size: scan.blobs.get(sha256) ?? 0 };
    // Of what no generation needs, only what lies there under a wrong name can do harm.
    const weight = need?.published || scan.blobs.has(sha256) ? 'wrong' : 'note';
    return { weight, about: 'blob', file: fileOf(layout, sha256), object: shownUses(need), problem: flaw, blob };
  });
}

/** One finding for all: where a generation cannot be read, they are many. */
function orphanFindings({ scan }: StoreLook, needs: ReadonlyMap<string, Need>): Finding[] {
  const orphans = [...scan.blobs.keys()].filter((sha256) => !needs.has(sha256));
  if (orphans.length === 0) return [];
  return [
    finding(
      'orphans',
      'blobs',
      `holds blobs that nothing names (${orphans.length}); the next update frees them`,
      'note',
    ),
  ];
}

function listFindings({ lists }: StoreLook): Finding[] {
  return [...lists].flatMap(([file, list]) => {
    if ('reason' in list && list.reason !== IS_GONE) return [finding('list', file, list.reason)];
    // A store in which nothing is noted yet has no notes.
    if ('reason' in list) return file === 'notes' ? [] : [finding('list', file, GONE, 'note')];
    const { damaged } = list.value;
    return damaged === 0
      ? []
      : [finding('list', file, `has torn lines (${damaged}); the next start drops them`, 'note')];
  });
}

/** Nothing can mend it: what it should say is known to nobody. */
function auditFindings({ audit }: StoreLook): Finding[] {
  if ('reason' in audit) return [finding('audit', 'audit', audit.reason)];
  const { problems } = audit.value;
  const [first] = problems;
  if (first === undefined) return [];
  const others = problems.length === 1 ? '' : `, and ${problems.length - 1} more do not fit`;
  return [finding('audit', 'audit', `has a line (${first.line}) that ${first.reason}${others}`)];
}

function temporaryFindings({ temporaries }: StoreLook): Finding[] {
  if (temporaries.length === 0) return [];
  const problem = `holds unfinished files (${temporaries.length}); the next start removes what is still there then`;
  return [finding('temporaries', 'tmp', problem, 'note')];
}

/** A link or a folder under the name of a blob that is needed is told as that blob. */
function unknownFindings(layout: Layout, { scan }: StoreLook, needs: ReadonlyMap<string, Need>): Finding[] {
  const needed = new Set([...needs.keys()].map((sha256) => fileOf(layout, sha256)));
  return scan.unknown
    .filter((file) => !needed.has(file))
    .map((file) => finding('unknown', file, 'is not the relay’s; it is left alone', 'note'));
}

function finding(about: Finding['about'], file: string, problem: string, weight: Finding['weight'] = 'wrong'): Finding {
  return { weight, about, file, object: null, problem, blob: null };
}

function* readable(generations: StoreLook['generations']): Generator<Generation> {
  for (const checked of generations.values()) if ('value' in checked) yield checked.value;
}

const fileOf = (layout: Layout, sha256: string): string => relative(layout.root, blobPath(layout, sha256));

/** The newest generation stands first; the same object of the others is one number. */
function shownUses(need: Need | undefined): string | null {
  const [first, ...others] = need?.uses ?? [];
  if (first === undefined) return null;
  return others.length === 0 ? first : `${first}, and ${others.length} more`;
}
