import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { OnDemand, Wanted } from '../ports/on-demand.ts';
import type { Answer } from './answer.ts';
import { answerContent } from './answer-content.ts';
import { evaluate } from './conditional.ts';
import type { ContentRequest } from './plan.ts';
import { refused } from './refused.ts';
import { outlineOfTake } from './representation.ts';

type Request = ContentRequest & { readonly id: string };

/** Answers requests for what is not on disk: from the take whose bytes come now, or 503 where none will. */
export function createOnDemandAnswers(onDemand: OnDemand): (request: Request, wanted: Wanted) => Promise<Answer> {
  return async (request, wanted) => {
    const generation = wanted.generation.number;
    try {
      if (request.method === 'HEAD') return headAnswer(request, wanted, onDemand.whyNot(wanted));
      const { take, began } = await onDemand.join(wanted);
      const { path, kind } = wanted.object;
      // By this very request, or for one that came before (RFC 9211 §2.4).
      const status = began ? 'relay; fwd=miss; stored' : 'relay; fwd=miss; collapsed';
      const cache = { 'Cache-Control': 'no-cache', 'Cache-Status': status };
      const outline = outlineOfTake({ path, kind, generation }, take, cache);
      return await answerContent(request, outline, () => take, began ? 'miss' : 'collapsed');
    } catch (error) {
      if (!isRelayError(error) || error.fault === 'internal') throw error;
      return refused(request, error, generation);
    }
  };
}

/** The ETag of what has not come, which no request can name. */
const NO_TAG = '\0';

/** Nothing is fetched for a HEAD: what the index says of the object is all there is to tell, or `whyNot` it will not come now. */
function headAnswer(request: Request, { object, generation }: Wanted, whyNot: RelayError | undefined): Answer {
  const { path, kind, size } = object;
  const { number } = generation;
  if (whyNot) return refused(request, whyNot, number);
  const condition = evaluate(request.headers, NO_TAG);
  if (condition === 'failed') return refused(request, new RelayError('RLY_PRECONDITION_FAILED', { path }), number);
  const always = {
    'Cache-Control': 'no-cache',
    'Cache-Status': 'relay; fwd=miss',
    'X-Relay-Generation': String(number),
  };
  const answer = { body: null, kind, cache: 'miss', generation: number } as const;
  if (condition === 'not-modified') return { ...answer, status: 304, headers: always };
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(size),
    'Accept-Ranges': 'bytes',
    ...always,
  };
  return { ...answer, status: 200, headers };
}
