import { RelayError } from '../errors/relay-error.ts';
import { pauseBeforeRetry } from './back-off.ts';
import type { UpstreamContext } from './exchange.ts';

/**
 * Runs `attempt` until it succeeds, fails for good, or has failed `limits.tries` times; tells of each retry. `brought`: bytes
 * that came with the last one.
 * Rejects with the last error, or with the signal's reason as soon as it aborts.
 */
export async function retrying<T>(
  { clock, events, random, limits }: Pick<UpstreamContext, 'clock' | 'events' | 'random' | 'limits'>,
  url: string,
  signal: AbortSignal,
  attempt: () => Promise<T>,
  brought = () => 0,
): Promise<T> {
  for (let failed = 1; ; failed += 1) {
    try {
      return await attempt();
    } catch (error) {
      const pause = pauseBeforeRetry(error, failed, limits, random, brought());
      if (pause === null || !(error instanceof RelayError)) throw error;
      const seconds = Math.round(pause / 100) / 10;
      events.emit('upstream.retry', { url, error: error.message, attempt: failed + 1, seconds });
      await clock.sleep(pause, signal);
    }
  }
}
