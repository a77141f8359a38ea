import { isRelayError, type RelayError } from '../errors/relay-error.ts';

const OF_THE_OBJECT: ReadonlySet<string> = new Set([
  'RLY_UPSTREAM_NOT_FOUND',
  'RLY_UPSTREAM_SIZE',
  'RLY_UPSTREAM_EQUIVOCATION',
  'RLY_ARCHIVE_DAMAGED',
  'RLY_OBJECT_CHANGED',
]);
const WORTHLESS: ReadonlySet<string> = new Set([
  'RLY_ARCHIVE_DAMAGED',
  'RLY_UPSTREAM_EQUIVOCATION',
  'RLY_OBJECT_CHANGED',
]);
const AWAY: ReadonlySet<string> = new Set([
  'RLY_UPSTREAM_REFUSED',
  'RLY_UPSTREAM_UNREACHABLE',
  'RLY_UPSTREAM_DNS',
  'RLY_UPSTREAM_RESET',
  'RLY_UPSTREAM_TIMEOUT',
  'RLY_UPSTREAM_TOO_SLOW',
]);

/** Whether another source may do better. `config`: an address the door outward never connects to. */
export function isOfTheSource(error: unknown): error is RelayError {
  return isRelayError(error) && (error.fault === 'upstream' || error.fault === 'config');
}

/** Whether the source answered, and only this file is not what it should be. */
export const isAboutTheObject = ({ code }: RelayError): boolean => OF_THE_OBJECT.has(code);

/** Whether what came is whole, and none of it of any use: another source must not go on with it. */
export const isWorthless = ({ code }: RelayError): boolean => WORTHLESS.has(code);

/** Whether the source could not be reached, or was lost on the way: it may be back any moment. */
export const isAway = ({ code }: RelayError): boolean => AWAY.has(code);
