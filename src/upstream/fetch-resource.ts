import { isRelayError, RelayError } from '../errors/relay-error.ts';
import { cacheFields } from './cache-fields.ts';
import { conditionalHeaders } from './conditional-headers.ts';
import { type Answer, discard, get, type RequestContext } from './exchange.ts';
import { framingOf } from './framing.ts';
import { assertLength, pour } from './pour.ts';
import { requestTarget } from './request-url.ts';
import { factsOf, judgeAnswer, planHeaders, planRequest, strongValidator, unaskedPart } from './resume.ts';
import { retrying } from './retrying.ts';
import { statusError } from './status-error.ts';
import type { ObjectSink, ResourceAnswer, ResourceRequest } from './upstream.ts';

/** What a whole answer began, to be gone on with after a cut. */
interface Take {
  readonly sink: ObjectSink;
  readonly size: { readonly exact: number } | { readonly limit: number };
  /** Binds its bytes to those still missing; null when nothing does. */
  readonly validator: string | null;
}

/**
 * Fetches what no index lists: conditionally where there are validators, else, or where it changed, into a sink that is
 * opened when its length is known. A cut is gone on with by range, as in `fetchObject`, also one of an earlier process; a Retry-After is not waited for.
 */
export async function fetchResource(
  context: RequestContext,
  request: ResourceRequest,
  signal: AbortSignal,
): Promise<ResourceAnswer> {
  const { source, path, limit, validators, shownAs } = request;
  const target = requestTarget(source.url, path);
  const shown = shownAs === undefined ? target.url : `${source.url}/${shownAs}`;
  const conditions = validators ? conditionalHeaders(validators) : {};
  let take: Take | null = null;
  let fields = {};
  /** Once: a source that then sends the whole all the same would be asked for ever. */
  let mayGoOn = true;

  async function attempt(): Promise<ResourceAnswer> {
    const whole = { ask: 'whole' } as const;
    const plan = take ? planRequest(take.sink.size, take.validator, take.size) : whole;
    if (plan.ask === 'nothing') return { state: 'fetched', fields };
    const answer = await get(context, target, plan.ask === 'whole' ? conditions : planHeaders(plan), signal);
    const facts = factsOf(answer);
    const unchanged = answer.status === 304 && plan.ask === 'whole' && Object.keys(conditions).length > 0;
    const verdict = unchanged ? 'unchanged' : judgeAnswer(plan, facts, take?.size ?? { limit });
    if (verdict === 'unchanged') {
      discard(answer);
      return { state: 'unchanged', fields: cacheFields(answer.header) };
    }
    if (verdict === 'start over') {
      discard(answer);
      take = null;
      // Without a take the whole is asked for, and no answer to that is judged so: this happens once a try.
      return attempt();
    }
    if (verdict === 'refused') {
      discard(answer);
      throw statusError(answer, expectedOf(plan.ask, conditions), context.clock.now());
    }
    if (verdict === 'unasked part') {
      discard(answer);
      throw unaskedPart(answer.url, facts);
    }
    if (verdict === 'whole') {
      // More than may come is refused before room is made for it.
      assertLength(answer, 0, { limit });
      take = await begin(answer, strongValidator(facts));
      if (take.sink.size > 0) {
        // An earlier download of the same content: the rest of it is asked for, before much of this has crossed the line.
        discard(answer);
        return attempt();
      }
    } else if (take) {
      assertLength(answer, take.sink.size, take.size);
    }
    // Nothing but a whole answer begins a take, and only a take is gone on with.
    if (take) await pour(context, answer, { ...take, onProgress: request.onProgress }, signal);
    return { state: 'fetched', fields };
  }

  async function begin(answer: Answer, validator: string | null): Promise<Take> {
    const framing = framingOf(answer);
    const length = typeof framing === 'number' ? framing : null;
    fields = cacheFields(answer.header);
    try {
      const sink = await request.open({ length, fields }, mayGoOn && validator !== null);
      mayGoOn = false;
      return { sink, size: length === null ? { limit } : { exact: length }, validator };
    } catch (error) {
      discard(answer);
      throw error;
    }
  }

  const hidden = (error: unknown): never => {
    throw shownAs === undefined ? error : withoutPath(error, shown);
  };
  // Somebody waits for the answer: where a source asks to come back later, another one may have it now.
  const limits = { ...context.limits, longestRetryAfter: 0 };
  return retrying({ ...context, limits }, shown, signal, () => attempt().catch(hidden));
}

function expectedOf(ask: 'whole' | 'rest', conditions: object): string {
  if (ask === 'rest') return '206 or 200';
  return Object.keys(conditions).length > 0 ? '200 or 304' : '200';
}

/** The same error, without the path in it: logs and the status show errors, and this path is not for them. */
function withoutPath(error: unknown, shown: string): unknown {
  if (!isRelayError(error) || error.fault === 'storage') return error;
  const hidden = { ...error.fields, url: shown, ...('location' in error.fields && { location: 'a place not shown' }) };
  return new RelayError(error.code, hidden);
}
