import type { Slice } from './answer.ts';

/** More ranges than a resuming client has use for; beyond it the whole is cheaper (RFC 9110 §17.15). */
const MOST_RANGES = 16;

/** What a Range field comes to: nothing to heed, nothing to give, or slices. */
export type RangeSelection = 'whole' | 'unsatisfiable' | readonly Slice[];

/**
 * Reads a Range field against a representation of `size` bytes (RFC 9110 §14.1, §14.2). Malformed fields, other units
 * and more than 16 ranges come to `whole`, as §14.2 allows. Slices are in the order of the request and disjoint;
 * where some overlap or touch, they are merged and all are in ascending order (§15.3.7.2).
 */
export function selectRanges(field: string, size: number): RangeSelection {
  const set = /^bytes=(.*)$/i.exec(field)?.[1];
  // Nothing of an empty representation can be named in a Content-Range.
  if (set === undefined || size === 0) return 'whole';
  const specs = set
    .split(',')
    .map((spec) => spec.trim())
    .filter((spec) => spec !== ''); // a recipient must ignore empty list elements (§5.6.1.2)
  if (specs.length === 0 || specs.length > MOST_RANGES) return 'whole';

  const slices: Slice[] = [];
  for (const spec of specs) {
    const slice = sliceOf(spec, size);
    if (slice === undefined) return 'whole';
    if (slice.start < slice.end) slices.push(slice);
  }
  return slices.length === 0 ? 'unsatisfiable' : merged(slices);
}

/** The slice one range-spec names, empty where it is unsatisfiable; undefined where it is malformed. */
function sliceOf(spec: string, size: number): Slice | undefined {
  const [, first, last] = /^(\d*)-(\d*)$/.exec(spec) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size };
  if (last === '') return { start: Number(first), end: size };
  if (Number(last) < Number(first)) return undefined;
  return { start: Number(first), end: Math.min(Number(last) + 1, size) };
}

function merged(slices: readonly Slice[]): readonly Slice[] {
  const ascending = slices.toSorted((a, b) => a.start - b.start);
  const result: Slice[] = [];
  for (const slice of ascending) {
    const last = result.at(-1);
    if (last === undefined || slice.start > last.end) result.push(slice);
    else result[result.length - 1] = { start: last.start, end: Math.max(last.end, slice.end) };
  }
  return result.length === slices.length ? slices : result;
}

/** The value of Content-Range (RFC 9110 §14.4). Without a slice: that none could be satisfied. */
export function contentRange(slice: Slice | undefined, size: number): string {
  return slice ? `bytes ${slice.start}-${slice.end - 1}/${size}` : `bytes */${size}`;
}
