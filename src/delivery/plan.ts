import type { AnswerHeaders, Part } from './answer.ts';
import { evaluate, rangeHolds, type ConditionalFields } from './conditional.ts';
import { multipart } from './multipart.ts';
import { contentRange, selectRanges } from './ranges.ts';
import type { Outline } from './representation.ts';

/** What of a request decides which part of a representation is answered. */
export interface ContentRequest {
  readonly method: 'GET' | 'HEAD';
  readonly headers: ConditionalFields & { readonly range?: string | undefined };
}

/** An answer without its bytes: `parts` is null where the content is not needed at all. */
export type Plan =
  | WholePlan
  | { readonly status: 200 | 206 | 304; readonly headers: AnswerHeaders; readonly parts: readonly Part[] | null }
  | { readonly status: 412 }
  | { readonly status: 416; readonly range: string; readonly contentRange: string };

/** The plan of an answer with everything; prepared once, as nothing in it is of the request. */
export interface WholePlan {
  readonly status: 200;
  readonly headers: AnswerHeaders;
  readonly parts: readonly Part[];
}

/** Decides status, fields and slices from the request alone, in the order of RFC 9110 §13.2.2. */
export function planAnswer(of: Outline, request: ContentRequest): Plan {
  const condition = evaluate(request.headers, of.etag);
  if (condition === 'failed') return { status: 412 };
  if (condition === 'not-modified') return { status: 304, headers: of.headers, parts: null };
  // Range is defined for GET alone (§14.2): HEAD tells of the whole.
  if (request.method === 'HEAD') return { status: 200, headers: of.wholeHeaders, parts: null };

  const { size } = of;
  const range = rangeHolds(request.headers, of.etag) ? request.headers.range : undefined;
  const selected = range === undefined ? 'whole' : selectRanges(range, size);
  if (range === undefined || selected === 'whole') return of.whole;
  if (selected === 'unsatisfiable') return { status: 416, range, contentRange: contentRange(undefined, size) };
  const [slice, ...more] = selected;
  if (slice && more.length === 0) {
    const length = String(slice.end - slice.start);
    const headers = { ...of.wholeHeaders, 'Content-Length': length, 'Content-Range': contentRange(slice, size) };
    return { status: 206, headers, parts: [slice] };
  }
  const { type, parts, length } = multipart(selected, of);
  return {
    status: 206,
    headers: { ...of.wholeHeaders, 'Content-Type': type, 'Content-Length': String(length) },
    parts,
  };
}
