import type { ErrorCode } from '../errors/catalogue.ts';
import type { Fault } from '../errors/fault.ts';
import { isRelayError, RelayError } from '../errors/relay-error.ts';

/** The exit codes of the contract; 64 and above are those of sysexits.h. */
export const EXIT = { done: 0, failed: 1, usage: 64, noSource: 69, disk: 74, configuration: 78 } as const;

const OF_FAULT: Record<Fault, number> = {
  client: EXIT.failed,
  upstream: EXIT.failed,
  storage: EXIT.disk,
  config: EXIT.configuration,
  internal: EXIT.failed,
};

const UNREACHABLE = new Set<ErrorCode>([
  'RLY_UPSTREAM_REFUSED',
  'RLY_UPSTREAM_UNREACHABLE',
  'RLY_UPSTREAM_DNS',
  'RLY_UPSTREAM_TLS',
  'RLY_UPSTREAM_PIN',
  'RLY_UPSTREAM_PROXY',
  'RLY_UPSTREAM_PROXY_AUTH',
  'RLY_UPSTREAM_TIMEOUT',
  'RLY_UPSTREAM_RESET',
]);

/** The exit code for what a command failed with. */
export function exitCode(error: unknown): number {
  if (!(error instanceof RelayError)) return EXIT.failed;
  if (isRelayError(error, 'RLY_USAGE')) return EXIT.usage;
  return nobodyAnswered(error) ? EXIT.noSource : OF_FAULT[error.fault];
}

/** Every source failed before it could say anything. One that answered, and answered wrongly, was reached. */
function nobodyAnswered(error: RelayError): boolean {
  const causes: readonly unknown[] = error.cause instanceof AggregateError ? error.cause.errors : [error];
  return causes.length > 0 && causes.every((cause) => cause instanceof RelayError && UNREACHABLE.has(cause.code));
}
