import { isRelayError } from '../errors/relay-error.ts';
import type { UpstreamLimits } from './limits.ts';

/** Bytes. What brought so much before it was cut is well, and something on the way ended the connection. */
const MUCH = 1024 * 1024;

/**
 * How many ms to wait after `error` before trying again; null when trying again is in vain.
 * Only what may pass by itself is tried again: a cut, a hang, a slow line, a server in trouble or under load. Where a
 * connection never stood (refused, DNS, TLS, unreachable) the next source is the better try.
 * `failed` counts the tries that failed so far, `random` is uniform in [0, 1). `brought`: bytes that came with the last try;
 * after many the rest is asked for at once, the first time.
 */
export function pauseBeforeRetry(
  error: unknown,
  failed: number,
  limits: UpstreamLimits,
  random: () => number,
  brought = 0,
): number | null {
  if (failed >= limits.tries || !mayPass(error)) return null;
  if (failed === 1 && brought >= MUCH && isRelayError(error, 'RLY_UPSTREAM_RESET')) return 0;
  // Half of the wait is fixed, half is luck: relays that failed together do not come back together.
  const ceiling = Math.min(limits.longestPause, limits.firstPause * 2 ** (failed - 1));
  const pause = ceiling * (0.5 + random() / 2);
  if (!isRelayError(error, 'RLY_UPSTREAM_BUSY')) return pause;
  const asked = Number(error.fields.retryAfter) * 1000;
  return asked > limits.longestRetryAfter ? null : Math.max(asked, pause);
}

function mayPass(error: unknown): boolean {
  return (
    isRelayError(error, 'RLY_UPSTREAM_RESET') ||
    isRelayError(error, 'RLY_UPSTREAM_TIMEOUT') ||
    isRelayError(error, 'RLY_UPSTREAM_TOO_SLOW') ||
    isRelayError(error, 'RLY_UPSTREAM_BUSY') ||
    (isRelayError(error, 'RLY_UPSTREAM_STATUS') && isTransient(Number(error.fields.found)))
  );
}

function isTransient(status: number): boolean {
  return status >= 500 || status === 429;
}
