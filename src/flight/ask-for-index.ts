import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { IndexAnswer, Validators } from '../upstream/upstream.ts';
import type { FlightContext } from './context.ts';

/** The index at `source`; RLY_UPDATE_INDEX_MISSING where there is none, as during a release (docs/protocol.md §5). */
export async function askForIndex(
  source: UpdateSource,
  validators: Validators | null,
  { upstream }: Pick<FlightContext, 'upstream'>,
  signal: AbortSignal,
): Promise<IndexAnswer> {
  try {
    return await upstream.fetchIndex(source, validators, signal);
  } catch (error) {
    if (!isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND')) throw error;
    throw new RelayError('RLY_UPDATE_INDEX_MISSING', { url: `${source.url}/server.ini` }, { cause: error });
  }
}
