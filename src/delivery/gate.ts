import { addressMatcher } from '../config/addresses.ts';
import { RelayError } from '../errors/relay-error.ts';
import { readFields, type RequestFields } from './request-fields.ts';

/** Bytes of a request target (SECURITY.md, "The gate"). The longest path of a real index has under 100. */
const LONGEST_TARGET = 2048;

/** A target that is its own path: unreserved characters (RFC 3986 §2.3), no segment that is empty or begins with a dot. */
const PLAIN = /^(?:\/[\w~-][\w.~-]*)+$/;

/** What a path must not hold once it is decoded: a backslash, a control character. */
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\\\u0000-\u001f\u007f-\u009f]/;

/** Escapes of what would make the path mean something else if anyone decoded twice or compared late: `.`, `/`, `%`. */
const ESCAPED_SYNTAX = /%(?:2e|2f|25)/i;

/** The head of a request as Node has it. */
export interface RequestHead {
  readonly httpVersion: string;
  readonly method: string;
  /** The target as it stood in the request line. */
  readonly url: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  /** Of the socket; undefined when the client is gone already. */
  readonly remoteAddress: string | undefined;
}

/** What is left of a request that may go on. */
export interface Passage {
  readonly method: 'GET' | 'HEAD';
  /** Absolute, decoded once, without the query. */
  readonly path: string;
  /** IPv4 as IPv4 also where it came over an IPv6 socket. */
  readonly address: string;
  readonly fields: RequestFields;
}

/** Judges requests before any route sees them. */
export type Gate = (head: RequestHead) => Passage | RelayError;

/**
 * The gate in front of agents (SECURITY.md), for clients within `allow` (addresses and networks; none: nobody).
 * It answers RLY_ADDRESS_NOT_ALLOWED, RLY_METHOD_NOT_ALLOWED, RLY_TARGET_TOO_LONG or RLY_BAD_REQUEST;
 * the address comes first, so that a stranger learns nothing else.
 */
export function createGate(allow: readonly string[]): Gate {
  const allowed = addressMatcher(allow);
  return ({ httpVersion, method, url, rawHeaders, remoteAddress }) => {
    const address = clientAddress(remoteAddress);
    if (!allowed(address)) return new RelayError('RLY_ADDRESS_NOT_ALLOWED', { address });
    if (method !== 'GET' && method !== 'HEAD') return new RelayError('RLY_METHOD_NOT_ALLOWED', { method });
    if (url.length > LONGEST_TARGET) {
      return new RelayError('RLY_TARGET_TOO_LONG', { length: url.length, limit: LONGEST_TARGET });
    }
    if (httpVersion !== '1.1' && httpVersion !== '1.0') {
      return badRequest(`it is HTTP/${httpVersion}, expected 1.0 or 1.1`);
    }
    const fields = readFields(httpVersion, rawHeaders);
    if ('flaw' in fields) return badRequest(fields.flaw);
    const target = decodeTarget(url);
    return 'flaw' in target ? badRequest(target.flaw) : { method, path: target.path, address, fields };
  };
}

/** The address of a socket, empty when it is closed. `::ffff:10.0.0.1` is how a dual-stack socket writes 10.0.0.1 (RFC 4291 §2.5.5.2). */
export function clientAddress(remoteAddress = ''): string {
  return remoteAddress.startsWith('::ffff:') && remoteAddress.includes('.') ? remoteAddress.slice(7) : remoteAddress;
}

function badRequest(reason: string): RelayError {
  return new RelayError('RLY_BAD_REQUEST', { reason });
}

/** The path of an origin-form target (RFC 9112 §3.2.1), decoded once, or what is wrong with it. */
function decodeTarget(url: string): { readonly path: string } | { readonly flaw: string } {
  // Nearly every request's: one look instead of six.
  if (PLAIN.test(url)) return { path: url };
  if (!url.startsWith('/')) return { flaw: 'its target is not a path' };
  if (!/^[!-~]*$/.test(url)) return { flaw: 'its target holds characters that must be escaped' };
  if (url.includes('#')) return { flaw: 'its target has a fragment' };
  const query = url.indexOf('?');
  const escaped = query < 0 ? url : url.slice(0, query);
  if (ESCAPED_SYNTAX.test(escaped)) return { flaw: 'its path has an escaped dot, slash or percent sign' };
  const path = decoded(escaped);
  if (path === undefined) return { flaw: 'its path is not UTF-8 in percent-encoding' };
  if (FORBIDDEN.test(path)) return { flaw: 'its path holds a backslash or a control character' };
  // "/" alone has no segment (RFC 3986 §3.3).
  const segments = path === '/' ? [] : path.slice(1).split('/');
  if (segments.includes('')) return { flaw: 'its path has an empty segment' };
  if (segments.includes('.') || segments.includes('..')) return { flaw: 'its path has a . or .. segment' };
  return { path };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
