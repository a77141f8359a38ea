import { RelayError } from '../errors/relay-error.ts';
import type { Answer } from './exchange.ts';

/**
 * How the end of a body is known (RFC 9112 §6.3): its length in bytes, chunks with a last one, or nothing but the end
 * of the connection. undici (8.12) takes a reset for such an end, and a server that dies closes just as one that is
 * done: a body framed by `close` proves nothing about itself.
 */
export type Framing = number | 'chunked' | 'close';

/** The framing of an answer's body. A transfer coding other than chunked alone counts as `close`. */
export function framingOf({ header }: Pick<Answer, 'header'>): Framing {
  const coding = header('transfer-encoding');
  if (coding !== null) return coding.toLowerCase() === 'chunked' ? 'chunked' : 'close';
  const length = header('content-length');
  return length !== null && /^\d+$/.test(length) ? Number(length) : 'close';
}

/** For a body framed by `close` where nothing else tells its length. */
export function noLengthError(url: string): RelayError {
  const fields = { url, found: 'neither Content-Length nor chunks', expected: 'one of them' };
  return new RelayError('RLY_UPSTREAM_NO_LENGTH', fields);
}
