import { RelayError } from '../errors/relay-error.ts';
import type { Answer, RequestContext } from './exchange.ts';
import { requestFailure } from './failure.ts';
import { createPace, type Pace } from './pace.ts';

/**
 * The body of an answer, piece by piece, no faster than they are taken and than the WAN budget allows. `size` is how many bytes are expected, or may
 * come at most: the deadline grows with it. Throws RLY_UPSTREAM_TOO_SLOW, and what `requestFailure` makes of a cut;
 * rejects with the signal's reason when it aborts. The connection is let go in any case.
 */
export async function* readBody(
  context: Pick<RequestContext, 'clock' | 'limits' | 'budget' | 'lane'>,
  { body, url, route }: Answer,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { clock, limits, budget, lane } = context;
  const pace = createPace(size, limits);
  const over = new AbortController();
  void watch(pace, clock, over.signal, (error) => body.destroy(error), url);
  try {
    pace.waiting(clock.monotonic());
    for await (const chunk of body as AsyncIterable<Buffer>) {
      pace.got(chunk.length, clock.monotonic());
      await budget.pay(chunk.length, lane, signal);
      yield chunk;
      pace.waiting(clock.monotonic());
    }
  } catch (error) {
    signal.throwIfAborted();
    throw requestFailure(error, url, limits, route);
  } finally {
    over.abort();
  }
}

/** Calls `giveUp` once the source is too slow; ends when `over` aborts. */
async function watch(
  pace: Pace,
  clock: RequestContext['clock'],
  over: AbortSignal,
  giveUp: (error: RelayError) => void,
  url: string,
): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(pace.patience(clock.monotonic()), over);
      const slow = pace.verdict(clock.monotonic());
      if (slow) return giveUp(new RelayError('RLY_UPSTREAM_TOO_SLOW', { url, ...slow }));
    }
  } catch (error) {
    if (!over.aborted) throw error;
  }
}
