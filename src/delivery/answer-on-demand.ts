import { isRelayError } from '../errors/relay-error.ts';
import type { OnDemand, Wanted } from '../ports/on-demand.ts';
import type { Answer } from './answer.ts';
import { answerContent } from './answer-content.ts';
import type { ContentRequest } from './plan.ts';
import { refused } from './refused.ts';
import { outlineOfTake } from './representation.ts';

type Request = ContentRequest & { readonly id: string };

/** Answers requests for what is not on disk: from the take whose bytes come now, or 503 where none will. */
export function createOnDemandAnswers(onDemand: OnDemand): (request: Request, wanted: Wanted) => Promise<Answer> {
  return async (request, wanted) => {
    const generation = wanted.generation.number;
    if (request.method === 'HEAD') return headAnswer(wanted);
    try {
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

/** Nothing is fetched for a HEAD: what the index says of the object is all there is to tell. */
function headAnswer({ object: { kind, size }, generation: { number } }: Wanted): Answer {
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(size),
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-cache',
    'Cache-Status': 'relay; fwd=miss',
    'X-Relay-Generation': String(number),
  };
  return { status: 200, headers, body: null, kind, cache: 'miss', generation: number };
}
