import { discard, get, type RequestContext } from './exchange.ts';
import { assertLength, pour } from './pour.ts';
import { requestTarget } from './request-url.ts';
import { factsOf, judgeAnswer, planHeaders, planRequest, strongValidator, unaskedPart } from './resume.ts';
import { retrying } from './retrying.ts';
import { statusError } from './status-error.ts';
import type { ObjectAnswer, ObjectRequest } from './upstream.ts';

/**
 * Streams one object into its sink. A try that was cut is continued by range where the source gave a strong
 * validator, and begun anew where it did not. Throws RLY_UPSTREAM_* as the port says; errors of the sink pass through as they are.
 */
export async function fetchObject(
  given: RequestContext,
  request: ObjectRequest,
  signal: AbortSignal,
): Promise<ObjectAnswer> {
  const { sink, size, onProgress } = request;
  const target = requestTarget(request.source.url, request.path);
  let { etag, lastModified } = request.validators ?? { etag: null, lastModified: null };
  // A Last-Modified without the Date it came with proves nothing (RFC 9110 §8.8.2.2): only an ETag counts here.
  let validator = strongValidator({ etag, lastModified, date: null });
  let received = 0;
  let receivedBefore = 0;
  const context: RequestContext = {
    ...given,
    count(bytes) {
      received += bytes;
      given.count(bytes);
    },
  };

  async function empty(): Promise<void> {
    if (sink.size === 0) return;
    await sink.restart();
    onProgress?.(sink.size);
  }

  async function attempt(): Promise<void> {
    receivedBefore = received;
    const plan = planRequest(sink.size, validator, size, request.joinable?.() ?? false);
    if (plan.ask === 'nothing') return;
    const answer = await get(context, target, planHeaders(plan), signal);
    const facts = factsOf(answer);
    const verdict = judgeAnswer(plan, facts, size);
    if (verdict === 'start over') {
      discard(answer);
      await empty();
      // An empty sink asks for the whole, and no answer to that is judged so: this happens once a try.
      return attempt();
    }
    if (verdict === 'refused') {
      discard(answer);
      throw statusError(answer, plan.ask === 'rest' ? '206 or 200' : '200', context.clock.now());
    }
    if (verdict === 'unasked part') {
      discard(answer);
      throw unaskedPart(answer.url, facts);
    }
    assertLength(answer, verdict === 'whole' ? 0 : sink.size, size);
    if (verdict === 'whole') {
      await empty();
      ({ etag, lastModified } = facts);
      validator = strongValidator(facts);
      await request.onValidators?.({ etag, lastModified });
    }
    if (plan.ask === 'rest' && plan.validator === null && verdict === 'rest') await request.onJoin?.();
    await pour(context, answer, request, signal);
  }

  await retrying(context, target.url, signal, attempt, () => received - receivedBefore);
  return { etag, lastModified, received };
}
