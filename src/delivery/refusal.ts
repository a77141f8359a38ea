import type { ErrorCode } from '../errors/catalogue.ts';
import type { Fault } from '../errors/fault.ts';
import { isRelayError, type RelayError } from '../errors/relay-error.ts';

/** Seconds. Long enough for a first small update or a repair; an agent comes back after 15 minutes anyway (docs/protocol.md §5). */
const RETRY_AFTER = '60';

const STATUS_BY_CODE: Partial<Record<ErrorCode, number>> = {
  RLY_NOT_LISTED: 404,
  RLY_OBJECT_ABSENT: 404,
  RLY_PULL_ABSENT: 404,
  RLY_PULL_OVER_PLAIN_HTTP: 403,
  RLY_PULL_NOT_YOURS: 404,
  RLY_RANGE_NOT_SATISFIABLE: 416,
  RLY_PRECONDITION_FAILED: 412,
  RLY_METHOD_NOT_ALLOWED: 405,
  RLY_ADDRESS_NOT_ALLOWED: 403,
  RLY_TOO_MANY_DOWNLOADS: 503,
  RLY_HOST_NOT_ALLOWED: 421, // RFC 9110 §15.5.20
  RLY_LOOP: 508, // RFC 5842 §7.2
  RLY_TARGET_TOO_LONG: 414,
  RLY_HEADER_TOO_LARGE: 431,
  RLY_REQUEST_TIMEOUT: 408,
  RLY_ADMIN_UNAUTHORIZED: 401,
  RLY_ADMIN_LOCKED_OUT: 429,
  RLY_ADMIN_READ_ONLY: 403,
  RLY_ADMIN_NOT_FOUND: 404,
  RLY_GENERATION_UNKNOWN: 404,
  RLY_ADMIN_TOO_MANY_STREAMS: 503,
};

const STATUS_BY_FAULT: Readonly<Record<Fault, number>> = {
  client: 400,
  upstream: 503,
  storage: 503,
  config: 500,
  internal: 500,
};

/** An error as HTTP: status, fields and a JSON body. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * The edge of the house: turns an error into what a client sees, `{"error","detail","requestId"}` (docs/reference/errors.md).
 * Errors are not to be stored: a 404 may be a 200 after the next update. `requestId` is null where nothing parsed as a request.
 */
export function refusal(error: RelayError, requestId: string | null): Refusal {
  const status = STATUS_BY_CODE[error.code] ?? STATUS_BY_FAULT[error.fault];
  const detail = `${error.message}. ${error.advice}`;
  const body = Buffer.from(JSON.stringify({ error: error.code, detail, requestId }));
  return {
    status,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': String(body.length),
      'Cache-Control': 'no-store',
      'Cache-Status': `relay; detail=${error.code}`, // RFC 9211 §2.8
      ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }),
      ...(isRelayError(error, 'RLY_METHOD_NOT_ALLOWED') && { Allow: String(error.fields.allowed) }),
      ...((status === 503 || status === 429) && { 'Retry-After': retryAfter(error) }),
    },
    body,
  };
}

function retryAfter(error: RelayError): string {
  const knows = isRelayError(error, 'RLY_ADMIN_LOCKED_OUT') || isRelayError(error, 'RLY_TOO_MANY_DOWNLOADS');
  return knows ? String(error.fields.seconds) : RETRY_AFTER;
}
