import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { Attempt } from '../policy/decision.ts';
import type { UpdateContext } from './context.ts';

/**
 * Does `work` with the sources in the order of policy until one can (docs/protocol.md §2). A source that failed seconds
 * ago is passed over while another may do, and asked after all when none could; one that wants to be left alone is not even
 * then (the door outward sees to that). Rejects with RLY_UPDATE_NO_SOURCE, whose
 * cause holds an error for each source that was asked; with any error that is no source's fault at once.
 */
export async function trySources<T>(
  { sources, health, events }: UpdateContext,
  work: (source: Attempt) => Promise<T>,
): Promise<T> {
  const failures: { readonly url: string; readonly error: RelayError }[] = [];
  const benched = sources.filter(({ url }) => health.isBenched(url));
  const ready = sources.filter((source) => !benched.includes(source));

  for (const source of [...ready, ...benched]) {
    const { url } = source;
    try {
      const result = await work(source);
      health.succeeded(url);
      return result;
    } catch (error) {
      // `config`: an address the door outward never connects to.
      if (!isRelayError(error) || (error.fault !== 'upstream' && error.fault !== 'config')) throw error;
      health.failed(url, error);
      failures.push({ url, error });
      events.emit('source.failed', { source: url, error: `${error.code}: ${error.message}` });
    }
  }
  const tried = failures.map(({ url, error }) => `${url}: ${error.message}`).join('; ');
  throw new RelayError('RLY_UPDATE_NO_SOURCE', { tried }, { cause: new AggregateError(failures.map((f) => f.error)) });
}

/** Whether each source wants to be asked later, and has said when. */
export function allAreBusy(error: unknown): boolean {
  return causesOf(error).length > 0 && causesOf(error).every(isBusy);
}

const isBusy = (cause: unknown): boolean =>
  isRelayError(cause, 'RLY_UPSTREAM_BUSY') || isRelayError(cause, 'RLY_UPSTREAM_NOT_BEFORE');

/** Whether some source had no index when an update failed: a release may be under way there. */
export function indexWasMissing(error: unknown): boolean {
  return causesOf(error).some((cause) => isRelayError(cause, 'RLY_UPDATE_INDEX_MISSING'));
}

/** One for each source that was asked, in RLY_UPDATE_NO_SOURCE; none in any other error. */
function causesOf(error: unknown): readonly unknown[] {
  if (!isRelayError(error, 'RLY_UPDATE_NO_SOURCE') || !(error.cause instanceof AggregateError)) return [];
  return error.cause.errors;
}
