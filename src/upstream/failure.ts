import { errors } from 'undici';
import { RelayError } from '../errors/relay-error.ts';
import { FORBIDDEN_ADDRESS } from './connector.ts';
import type { UpstreamLimits } from './limits.ts';
import { WrongPin } from './pin.ts';
import { proxyFailure } from './proxy-failure.ts';
import type { Route } from './routes.ts';

// OpenSSL's verdicts on a certificate (Node's documentation, "X509 certificate error codes") and on a handshake.
const TLS_CODE =
  /^(?:ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|SELF_SIGNED_|DEPTH_ZERO_|INVALID_|PATH_LENGTH_|HOSTNAME_)/;

/**
 * What undici or the system says about a request that failed, as a catalogue error with that as its cause.
 * An error that is of the catalogue already (a watchdog gave up) stays what it is.
 */
export function requestFailure(
  cause: unknown,
  url: string,
  limits: UpstreamLimits,
  route: Pick<Route, 'key' | 'proxy'>,
): RelayError {
  if (cause instanceof RelayError) return cause;
  const { key } = route;
  if (cause instanceof WrongPin) {
    const { found, expected } = cause;
    return new RelayError('RLY_UPSTREAM_PIN', { url, found, expected, key }, { cause });
  }
  const ofProxy = proxyFailure(cause, url, route);
  if (ofProxy) return ofProxy;
  const reason = describe(cause);
  if (cause instanceof errors.HTTPParserError) {
    // The connection ended before the last chunk had come. undici (8.12) gives these errors no code to go by.
    const cut = reason.includes('Invalid EOF state');
    return new RelayError(cut ? 'RLY_UPSTREAM_RESET' : 'RLY_UPSTREAM_PROTOCOL', { url, reason }, { cause });
  }
  const code = codeOf(cause);
  switch (code) {
    case 'ECONNREFUSED':
      return new RelayError('RLY_UPSTREAM_REFUSED', { url }, { cause });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'ENODATA':
      return new RelayError('RLY_UPSTREAM_DNS', { url, reason }, { cause });
    case FORBIDDEN_ADDRESS:
      return new RelayError('RLY_UPSTREAM_ADDRESS', { url, reason }, { cause });
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return new RelayError('RLY_UPSTREAM_UNREACHABLE', { url, reason }, { cause });
    case 'UND_ERR_HEADERS_TIMEOUT': {
      const fields = { url, missing: 'no answer', seconds: limits.headers / 1000 };
      return new RelayError('RLY_UPSTREAM_TIMEOUT', fields, { cause });
    }
    case 'UND_ERR_BODY_TIMEOUT': {
      const fields = { url, missing: 'nothing more of the body', seconds: limits.gap / 1000 };
      return new RelayError('RLY_UPSTREAM_TIMEOUT', fields, { cause });
    }
    case 'UND_ERR_SOCKET':
    // The connection ended before Content-Length bytes had come.
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ETIMEDOUT':
      return new RelayError('RLY_UPSTREAM_RESET', { url, reason }, { cause });
    case 'UND_ERR_HEADERS_OVERFLOW':
      return new RelayError('RLY_UPSTREAM_PROTOCOL', { url, reason }, { cause });
    default:
      if (TLS_CODE.test(code)) return new RelayError('RLY_UPSTREAM_TLS', { url, reason, key }, { cause });
      return new RelayError('RLY_UPSTREAM_FAILED', { url, reason }, { cause });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** The message, or the code where there is none: an AggregateError of several addresses has an empty one. */
function describe(error: unknown): string {
  return error instanceof Error ? error.message || codeOf(error) : String(error);
}
