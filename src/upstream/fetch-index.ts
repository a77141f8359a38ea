import { RelayError } from '../errors/relay-error.ts';
import type { Provenance } from '../ports/provenance.ts';
import { relaysIn } from '../ports/via.ts';
import { parseAge } from './age.ts';
import { conditionalHeaders } from './conditional-headers.ts';
import { type Answer, discard, get, type RequestContext } from './exchange.ts';
import { framingOf, noLengthError } from './framing.ts';
import { readBody } from './read-body.ts';
import { requestTarget } from './request-url.ts';
import { retrying } from './retrying.ts';
import type { UpdateSource } from './source.ts';
import { statusError } from './status-error.ts';
import type { IndexAnswer, Validators } from './upstream.ts';

/** The name of every source's index, below its base URL (docs/protocol.md §3). */
const INDEX = 'server.ini';

/**
 * Fetches a source's index, conditionally where `validators` are given. Throws RLY_UPSTREAM_* as the port says; RLY_UPSTREAM_SIZE beyond `limits.indexBytes`, and RLY_UPSTREAM_NO_LENGTH
 * when the body could be cut without a trace: an index that ends early may well parse, and would drop components.
 */
export async function fetchIndex(
  context: RequestContext,
  source: UpdateSource,
  validators: Validators | null,
  signal: AbortSignal,
): Promise<IndexAnswer> {
  const target = requestTarget(source.url, INDEX);
  return retrying(context, target.url, signal, async () => {
    const conditions = validators ? conditionalHeaders(validators) : {};
    const conditional = Object.keys(conditions).length > 0;
    const askedAt = context.clock.now();
    const answer = await get(context, target, conditions, signal);
    const provenance = provenanceOf(answer, askedAt);
    if (answer.status === 304 && conditional) {
      discard(answer);
      return { state: 'unchanged', ...provenance };
    }
    let length: number;
    try {
      length = lengthOf(answer, conditional, context);
    } catch (error) {
      discard(answer);
      throw error;
    }
    const bytes = await readIndex(context, answer, length, signal);
    const validatorsNow = { etag: answer.header('etag'), lastModified: answer.header('last-modified') };
    return { state: 'fetched', bytes, ...validatorsNow, ...provenance };
  });
}

/**
 * Age counts up to when the answer was made, and that was after the question: the way there and back makes nothing fresher
 * (RFC 9111 §4.2.3). Date is not looked at: it would compare the clocks of two hosts.
 */
function provenanceOf({ header }: Answer, askedAt: number): Provenance {
  return { confirmedAt: askedAt - parseAge(header('age')) * 1000, relays: relaysIn(header('via')) };
}

/** How many bytes are coming, at most. Throws when this is no index, or one that could be cut without a trace. */
function lengthOf(answer: Answer, conditional: boolean, { clock, limits }: RequestContext): number {
  if (answer.status !== 200) throw statusError(answer, conditional ? '200 or 304' : '200', clock.now());
  const framing = framingOf(answer);
  if (framing === 'close') throw noLengthError(answer.url);
  if (framing === 'chunked') return limits.indexBytes;
  if (framing > limits.indexBytes) throw tooBig(answer, framing, limits.indexBytes);
  return framing;
}

async function readIndex(
  context: RequestContext,
  answer: Answer,
  length: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of readBody(context, answer, length, signal)) {
    size += chunk.length;
    // undici holds a body to its Content-Length; chunks may come for ever.
    if (size > length) throw tooBig(answer, `more than ${length}`, length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooBig({ url }: Answer, found: string | number, most: number): RelayError {
  return new RelayError('RLY_UPSTREAM_SIZE', { url, found, expected: `at most ${most}` });
}
