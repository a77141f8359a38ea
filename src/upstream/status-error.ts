import { RelayError } from '../errors/relay-error.ts';
import type { Answer } from './exchange.ts';
import { parseRetryAfter } from './retry-after.ts';

/** The error that a status nobody hoped for stands for. `expected` names the hoped-for ones; `now`: ms since the epoch. */
export function statusError(
  { url, status, header }: Pick<Answer, 'url' | 'status' | 'header'>,
  expected: string,
  now: number,
): RelayError {
  if (status === 404 || status === 410) return new RelayError('RLY_UPSTREAM_NOT_FOUND', { url, found: status });
  const wait = status === 429 || status === 503 ? parseRetryAfter(header('retry-after'), now) : null;
  if (wait === null) return new RelayError('RLY_UPSTREAM_STATUS', { url, found: status, expected });
  return new RelayError('RLY_UPSTREAM_BUSY', { url, found: status, retryAfter: Math.ceil(wait / 1000) });
}
