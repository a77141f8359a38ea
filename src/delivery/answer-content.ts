import { RelayError } from '../errors/relay-error.ts';
import type { Growing } from '../ports/growing.ts';
import type { Answer, BodyReader, Part } from './answer.ts';
import { planAnswer, type ContentRequest } from './plan.ts';
import { refused } from './refused.ts';
import type { Outline } from './representation.ts';

/** Where the bytes of an answer are: at hand, on disk, or still coming. */
export type Content = Buffer | BodyReader | Growing;

/** Plans the answer to a request, then fetches the content if the plan needs any. */
export function answerContent(
  request: ContentRequest & { readonly id: string },
  of: Outline,
  content: () => Content | Promise<Content>,
  cache: Answer['cache'] = 'hit',
): Answer | Promise<Answer> {
  const { path, kind, generation } = of;
  const plan = planAnswer(of, request);
  if (plan.status === 412) return refused(request, new RelayError('RLY_PRECONDITION_FAILED', { path }), generation);
  if (plan.status === 416) {
    const error = new RelayError('RLY_RANGE_NOT_SATISFIABLE', { path, range: plan.range, size: of.size });
    return refused(request, error, generation, { 'Content-Range': plan.contentRange });
  }
  const { status, headers, parts } = plan;
  if (!parts) return { status, headers, body: null, kind, cache, generation };
  const source = content();
  return source instanceof Promise
    ? source.then((opened) => ({ status, headers, body: bodyOf(opened, parts), kind, cache, generation }))
    : { status, headers, body: bodyOf(source, parts), kind, cache, generation };
}

function bodyOf(source: Content, parts: readonly Part[]): Answer['body'] {
  if (!Buffer.isBuffer(source)) return 'arrival' in source ? { growing: source, parts } : { reader: source, parts };
  const [first] = parts;
  return first && parts.length === 1
    ? pieceOf(source, first)
    : Buffer.concat(parts.map((part) => pieceOf(source, part)));
}

function pieceOf(source: Buffer, part: Part): Buffer {
  if (Buffer.isBuffer(part)) return part;
  const isWhole = part.start === 0 && part.end === source.length;
  return isWhole ? source : source.subarray(part.start, part.end);
}
