import { RelayError } from '../errors/relay-error.ts';
import { type Answer, discard, type RequestContext } from './exchange.ts';
import { type Framing, framingOf, noLengthError } from './framing.ts';
import { readBody } from './read-body.ts';
import type { ObjectRequest } from './upstream.ts';

/**
 * Refuses an answer whose length cannot be right, before a byte is read and before anything that is held is thrown away for
 * it. `held`: bytes that its body comes after. Throws RLY_UPSTREAM_SIZE, RLY_UPSTREAM_NO_LENGTH.
 */
export function assertLength(answer: Answer, held: number, size: ObjectRequest['size']): void {
  try {
    assertFraming(framingOf(answer), held, answer.url, size);
  } catch (error) {
    discard(answer);
    throw error;
  }
}

/**
 * Appends an answer's body to the sink and makes sure that the sink then holds what was asked for. Throws RLY_UPSTREAM_SIZE,
 * RLY_UPSTREAM_RESET, and what `readBody` throws.
 */
export async function pour(
  context: RequestContext,
  answer: Answer,
  { sink, size, onProgress }: Pick<ObjectRequest, 'sink' | 'size' | 'onProgress'>,
  signal: AbortSignal,
): Promise<void> {
  const framing = framingOf(answer);
  const most = 'exact' in size ? size.exact : size.limit;
  const coming = typeof framing === 'number' ? framing : most - sink.size;
  for await (const chunk of readBody(context, answer, coming, signal)) {
    if (sink.size + chunk.length > most) throw wrongSize(answer.url, `more than ${most}`, size);
    await sink.write(chunk);
    onProgress?.(sink.size);
  }
  if ('exact' in size && sink.size < size.exact) {
    if (framing === 'chunked') throw wrongSize(answer.url, sink.size, size);
    const reason = `it ended after ${sink.size} of ${size.exact} bytes`;
    throw new RelayError('RLY_UPSTREAM_RESET', { url: answer.url, reason });
  }
}

function assertFraming(framing: Framing, held: number, url: string, size: ObjectRequest['size']): void {
  if (typeof framing === 'number') {
    const total = held + framing;
    if ('exact' in size ? total !== size.exact : total > size.limit) throw wrongSize(url, total, size);
  }
  if (framing === 'close' && 'limit' in size) throw noLengthError(url);
}

function wrongSize(url: string, found: string | number, size: ObjectRequest['size']): RelayError {
  const expected = 'exact' in size ? size.exact : `at most ${size.limit}`;
  return new RelayError('RLY_UPSTREAM_SIZE', { url, found, expected });
}
