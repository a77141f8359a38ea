import { isRelayError, type RelayError } from '../../src/errors/relay-error.ts';

/** The errors of the sources that an update, or a plan, was refused by, in their order; none where it was not. */
export async function refusals(work: Promise<unknown>): Promise<readonly RelayError[]> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isRelayError(error, 'RLY_UPDATE_NO_SOURCE') || !(error.cause instanceof AggregateError)) return [];
  return error.cause.errors as readonly RelayError[];
}
