import { RelayError } from '../errors/relay-error.ts';
import type { Answer } from './exchange.ts';
import { parseRetryAfter } from './retry-after.ts';

/** What a relay says of one thing that it cannot give now (RFC 9211 §2.8): that of its own errors. */
const RELAY_OBJECT = /\brelay; detail=RLY_(?:OBJECT|PULL)_/;

/** The error that a status nobody hoped for stands for. `expected` names the hoped-for ones; `now`: ms since the epoch. */
export function statusError(
  { url, status, header, route }: Pick<Answer, 'url' | 'status' | 'header' | 'route'>,
  expected: string,
  now: number,
): RelayError {
  if (status === 404 || status === 410) return new RelayError('RLY_UPSTREAM_NOT_FOUND', { url, found: status });
  // 403 to nobody in particular is about the address or the path; to somebody it is about who that is (RFC 9110 §15.5.4).
  if (status === 401 || (status === 403 && route.authorization !== null)) {
    const found = route.authorization === null ? 'this relay has none for it' : 'does not accept those of this relay';
    return new RelayError('RLY_UPSTREAM_UNAUTHORIZED', { url, status, found, key: route.key });
  }
  // Loop Detected (RFC 5842 §7.2): what a relay answers to its own requests.
  if (status === 508) return new RelayError('RLY_UPSTREAM_LOOP', { url, found: status });
  // Another relay about one of its objects: no reason to leave alone all that it has.
  if (status === 503 && RELAY_OBJECT.test(header('cache-status') ?? '')) {
    return new RelayError('RLY_UPSTREAM_NOT_YET', { url, found: status });
  }
  const wait = status === 429 || status === 503 ? parseRetryAfter(header('retry-after'), now) : null;
  if (wait === null) return new RelayError('RLY_UPSTREAM_STATUS', { url, found: status, expected });
  return new RelayError('RLY_UPSTREAM_BUSY', { url, found: status, retryAfter: Math.ceil(wait / 1000) });
}
