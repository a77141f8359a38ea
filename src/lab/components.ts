import { signaturePath } from '../manifest/path.ts';
import { type Packing, SIGNATURE_SIZE, SMALLEST_FILE } from './content.ts';
import { type DeltaSpec, type Line, labelAt, type Step, stepAt, versionAt } from './line.ts';
import { fraction } from './random.ts';

/** `hotfix` and `settings` are what an OfficeScan server has beside its components. */
export type FileKind = 'index' | 'pattern' | 'incremental' | 'engine' | 'signature' | 'program' | 'hotfix' | 'settings';

/** A file that can be made at any time, and is the same each time. */
export interface FilePlan {
  readonly kind: FileKind;
  /** Below the base URL, as the index writes it. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly packing: Packing;
  /** What the bytes are derived from; no two contents share one. */
  readonly key: string;
  /** The release that brought this content. */
  readonly since: number;
}

/** A pattern, an incremental or an engine. */
export interface ListedObject extends FilePlan {
  readonly kind: 'pattern' | 'incremental' | 'engine';
  /** `P.4`, also of its incrementals. */
  readonly component: string;
  /** As the index writes it; an incremental has its FROM-version. */
  readonly version: string;
  readonly signed: boolean;
}

/** One component of a release. */
export interface ListedComponent<L extends Line = Line> {
  readonly line: L;
  readonly full: ListedObject;
  readonly incrementals: readonly ListedObject[];
}

/** What makes two catalogues the same. */
export interface Recipe {
  readonly seed: string;
  /** 1 is the size of the real thing. */
  readonly scale: number;
}

/** A component as release `number` lists it. */
export function componentAt<L extends Line>(
  line: L,
  kind: 'pattern' | 'engine',
  recipe: Recipe,
  number: number,
): ListedComponent<L> {
  const step = stepAt(line, recipe.seed, number);
  const path = line.path.replace('*', labelAt(line, step.count));
  const version = versionAt(line, step.count);
  const full: ListedObject = {
    kind,
    component: line.id,
    path,
    version,
    packing: line.packing ?? 'zip',
    signed: line.signed ?? true,
    since: step.since,
    ...identify(recipe, path, version, line.bytes),
  };
  return { line, full, incrementals: line.deltas ? incrementalsAt(line, line.deltas, recipe, step) : [] };
}

/** A file of no component: a program package, a hot fix. */
export function loneFile(line: Line, kind: 'program' | 'hotfix', recipe: Recipe, number: number): FilePlan {
  const { count, since } = stepAt(line, recipe.seed, number);
  const identity = identify(recipe, line.path, versionAt(line, count), line.bytes);
  return { kind, path: line.path, packing: line.packing ?? 'zip', since, ...identity };
}

/** The signature the server has beside an object; its name recurs, its content is this object's. */
export function signatureOf({ path, key, since }: ListedObject): FilePlan {
  return { kind: 'signature', path: signaturePath(path), size: SIGNATURE_SIZE, packing: 'signature', key, since };
}

function incrementalsAt(line: Line, deltas: DeltaSpec, recipe: Recipe, { count, since }: Step): ListedObject[] {
  const { stem, near, far, bytes, packing } = deltas;
  const to = labelAt(line, count);
  const steps = Array.from({ length: near }, (_, index) => ({
    back: index + 1,
    from: labelAt(line, count - index - 1),
  }));
  const leaps = far.map((back, rank) => ({ back, from: farLabel(labelAt(line, count - back), rank) }));
  return [...steps, ...leaps].map(({ back, from }) => {
    const path = `${stem}_${from}.${to}`;
    const version = versionAt(line, count - back);
    const { key, size } = identify(recipe, path, `${version} to ${versionAt(line, count)}`, bytes * back ** GROWTH);
    const signed = line.signed ?? true;
    return { kind: 'incremental', component: line.id, path, version, size, packing, key, since, signed };
  });
}

// In the real index an incremental over 14 steps is some 7 times as big as one over a single step.
const GROWTH = 0.75;

// The index names old steps by rank, not by number: `v_f00.001`, `scan_2000f01.2000100`.
function farLabel(label: string, rank: number): string {
  return `${label.slice(0, -3)}f${String(rank).padStart(2, '0')}`;
}

function identify(
  { seed, scale }: Recipe,
  path: string,
  content: string,
  bytes: number,
): { key: string; size: number } {
  const key = `${path} ${content} of ${seed}`;
  return { key, size: sizeFor(key, bytes * scale) };
}

// No two contents of a name should have the same size just because both are as small as can be.
function sizeFor(key: string, bytes: number): number {
  const varied = bytes * (0.98 + 0.04 * fraction(`${key} size`));
  return Math.max(SMALLEST_FILE, Math.round(varied)) + Math.floor(256 * fraction(`${key} more`));
}
