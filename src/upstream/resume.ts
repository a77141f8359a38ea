import { RelayError } from '../errors/relay-error.ts';
import type { Answer } from './exchange.ts';
import { parseHttpDate } from './http-date.ts';
import type { ObjectRequest } from './upstream.ts';

/** What to ask a source for, given what the sink holds. */
export type Plan =
  | { readonly ask: 'nothing' }
  | { readonly ask: 'whole' }
  /** `Range: bytes=from-`, and only if the object is still the one `validator` names; null: whatever it is, the whole will be proven. */
  | { readonly ask: 'rest'; readonly from: number; readonly validator: string | null };

/** What an answer is to what was asked. */
export type Verdict =
  /** The object from byte 0: what the sink holds goes. */
  | 'whole'
  /** The bytes that were missing. */
  | 'rest'
  /** What the sink holds cannot be continued here: ask for the whole. */
  | 'start over'
  /** 206 to a request without a range. */
  | 'unasked part'
  /** A status that brings no object. */
  | 'refused';

/** The fields of an answer that say which object, and which part of it, came. Null where absent. */
export interface AnswerFacts {
  readonly status: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly date: string | null;
  readonly contentRange: string | null;
}

/** What an answer says of the object in it. */
export function factsOf({ status, header }: Pick<Answer, 'status' | 'header'>): AnswerFacts {
  return {
    status,
    etag: header('etag'),
    lastModified: header('last-modified'),
    date: header('date'),
    contentRange: header('content-range'),
  };
}

/** The error for a part of an object that nobody asked for. */
export function unaskedPart(url: string, { contentRange }: AnswerFacts): RelayError {
  const found = `206 with Content-Range ${contentRange ?? 'missing'}`;
  return new RelayError('RLY_UPSTREAM_RANGE', { url, found, expected: '200 and the whole' });
}

/** Seconds by which Date must exceed Last-Modified for two clocks to be no worry: what RFC 7232 §2.2.2 named. */
const CLOCKS_APART = 60;

/**
 * The validator that binds what came to one version of the object, fit for If-Range; null when there is none.
 * A strong ETag is one. A Last-Modified is one if the answer was made at least a minute later: otherwise the object
 * may have changed twice in that second (RFC 9110 §8.8.2.2, §13.1.5).
 */
export function strongValidator({
  etag,
  lastModified,
  date,
}: Omit<AnswerFacts, 'status' | 'contentRange'>): string | null {
  if (etag !== null) return etag.startsWith('"') ? etag : null;
  const modified = parseHttpDate(lastModified ?? '');
  const made = parseHttpDate(date ?? '');
  const settled = modified !== null && made !== null && made - modified >= CLOCKS_APART * 1000;
  return settled ? lastModified : null;
}

/**
 * What to ask for when the sink holds `held` bytes bound to `validator`, or bound to nothing and `joinable`. Nothing, when
 * that is all of it already: the identity of an object is (path, version, size), and a request for zero bytes could only be
 * answered 416.
 */
export function planRequest(
  held: number,
  validator: string | null,
  size: ObjectRequest['size'],
  joinable = false,
): Plan {
  if (held === 0 || (validator === null && !joinable)) return { ask: 'whole' };
  if ('limit' in size) return held < size.limit ? { ask: 'rest', from: held, validator } : { ask: 'whole' };
  if (held === size.exact) return { ask: 'nothing' };
  return held < size.exact ? { ask: 'rest', from: held, validator } : { ask: 'whole' };
}

/** The request fields of a plan. */
export function planHeaders(plan: Plan): Record<string, string> {
  if (plan.ask !== 'rest') return {};
  return { range: `bytes=${plan.from}-`, ...(plan.validator !== null && { 'if-range': plan.validator }) };
}

/** What `answer` is to `plan`: a 206 is believed only when it is the very rest of the very object (RFC 9110 §15.3.7). */
export function judgeAnswer(plan: Plan, answer: AnswerFacts, size: ObjectRequest['size']): Verdict {
  if (answer.status === 200) return 'whole';
  if (plan.ask !== 'rest') return answer.status === 206 ? 'unasked part' : 'refused';
  if (answer.status === 416) return 'start over';
  if (answer.status !== 206) return 'refused';
  return isRestOf(plan, answer, size) ? 'rest' : 'start over';
}

function isRestOf(
  { from, validator }: { readonly from: number; readonly validator: string | null },
  { etag, lastModified, contentRange }: AnswerFacts,
  size: ObjectRequest['size'],
): boolean {
  const range = parseContentRange(contentRange ?? '');
  if (range?.first !== from || range.last !== range.total - 1) return false;
  if ('exact' in size ? range.total !== size.exact : range.total > size.limit) return false;
  if (validator === null) return true;
  // A 206 must repeat the ETag; it may leave out Last-Modified, which If-Range has vouched for.
  return validator.startsWith('"') ? etag === validator : (lastModified ?? validator) === validator;
}

/** `bytes 5-9/10` (RFC 9110 §14.4); null for anything else, an unknown total (`*`) included. */
export function parseContentRange(value: string): { first: number; last: number; total: number } | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(value);
  return match && { first: Number(match[1]), last: Number(match[2]), total: Number(match[3]) };
}
