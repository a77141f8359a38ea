import { isRelayError, type RelayError } from '../errors/relay-error.ts';

/** Whether another source may do better. `config`: an address the door outward never connects to. */
export function isOfTheSource(error: unknown): error is RelayError {
  return isRelayError(error) && (error.fault === 'upstream' || error.fault === 'config');
}

/** Whether the source answered, and only this file is not what it should be. */
export function isAboutTheObject(error: RelayError): boolean {
  return (
    isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND') ||
    isRelayError(error, 'RLY_UPSTREAM_SIZE') ||
    isRelayError(error, 'RLY_UPSTREAM_EQUIVOCATION') ||
    isRelayError(error, 'RLY_ARCHIVE_DAMAGED') ||
    isRelayError(error, 'RLY_OBJECT_CHANGED')
  );
}

/** Whether what came is whole, and none of it of any use: another source must not go on with it. */
export function isWorthless(error: RelayError): boolean {
  return (
    isRelayError(error, 'RLY_ARCHIVE_DAMAGED') ||
    isRelayError(error, 'RLY_UPSTREAM_EQUIVOCATION') ||
    isRelayError(error, 'RLY_OBJECT_CHANGED')
  );
}

/** Whether the source could not be reached, or was lost on the way: it may be back any moment. */
export function isAway(error: RelayError): boolean {
  return (
    isRelayError(error, 'RLY_UPSTREAM_REFUSED') ||
    isRelayError(error, 'RLY_UPSTREAM_UNREACHABLE') ||
    isRelayError(error, 'RLY_UPSTREAM_DNS') ||
    isRelayError(error, 'RLY_UPSTREAM_RESET') ||
    isRelayError(error, 'RLY_UPSTREAM_TIMEOUT') ||
    isRelayError(error, 'RLY_UPSTREAM_TOO_SLOW')
  );
}
