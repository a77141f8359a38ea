import { RelayError } from '../errors/relay-error.ts';
import type { Growing } from '../ports/growing.ts';
import type { BlobReader } from '../ports/store.ts';
import type { Answer, Part } from './answer.ts';
import { planAnswer, type ContentRequest } from './plan.ts';
import { refused } from './refused.ts';
import type { Outline } from './representation.ts';

/** Where the bytes of an answer are: at hand, on disk, or still coming. */
export type Content = Buffer | BlobReader | Growing;

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
  const answer = { status, headers, body: null, kind, cache, generation } as const;
  if (!parts) return answer;
  const source = content();
  if (!(source instanceof Promise)) return { ...answer, body: bodyOf(source, parts) };
  return source.then((opened) => ({ ...answer, body: bodyOf(opened, parts) }));
}

function bodyOf(source: Content, parts: readonly Part[]): Answer['body'] {
  if (!Buffer.isBuffer(source)) return 'arrival' in source ? { growing: source, parts } : { reader: source, parts };
  const pieces = parts.map((part) => (Buffer.isBuffer(part) ? part : source.subarray(part.start, part.end)));
  const [only, ...more] = pieces;
  return only && more.length === 0 ? only : Buffer.concat(pieces);
}
