import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { IndexAnswer, Validators } from '../upstream/upstream.ts';
import type { FlightContext } from './context.ts';

/**
 * The index at `source`. Throws RLY_UPDATE_INDEX_MISSING where there is none, as during a release (docs/protocol.md §5), and
 * RLY_UPSTREAM_CIRCLE where the source has it by way of this relay: each would be content with the other's for ever, and ask
 * the other for what neither has.
 */
export async function askForIndex(
  source: UpdateSource,
  validators: Validators | null,
  { upstream, self }: Pick<FlightContext, 'upstream' | 'self'>,
  signal: AbortSignal,
): Promise<IndexAnswer> {
  const url = `${source.url}/server.ini`;
  let answer: IndexAnswer;
  try {
    answer = await upstream.fetchIndex(source, validators, signal);
  } catch (error) {
    if (!isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND')) throw error;
    throw new RelayError('RLY_UPDATE_INDEX_MISSING', { url }, { cause: error });
  }
  const { relays } = answer;
  if (relays.includes(self)) throw new RelayError('RLY_UPSTREAM_CIRCLE', { url, relays: relays.length });
  return answer;
}
