import { addressMatcher } from '../config/addresses.ts';
import { isRelayError, RelayError } from '../errors/relay-error.ts';
import { clientAddress, forwardedClient } from './client-address.ts';
import { hostMatcher } from './host-matcher.ts';
import { UNKNOWN_CLIENT, type Identity } from './identity.ts';
import { hostOf, readFields, type RequestFields } from './request-fields.ts';

/** Bytes of a request target (SECURITY.md, "The gate"). The longest path of a real index has under 100. */
const LONGEST_TARGET = 2048;

/** A target that is its own path: unreserved characters (RFC 3986 §2.3), no segment that is empty or begins with a dot. */
const PLAIN = /^(?:\/[\w~-][\w.~-]*)+$/;

/** What a path must not hold once it is decoded: a backslash, a control character. */
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\\\u0000-\u001f\u007f-\u009f]/;

/** Escapes of what would make the path mean something else if anyone decoded twice or compared late: `.`, `/`, `%`. */
const ESCAPED_SYNTAX = /%(?:2e|2f|25)/i;

/** What a listener lets in. */
export interface GateRules<M extends string> {
  /** Addresses and networks of the clients; none: nobody. */
  readonly allow: readonly string[];
  /** Addresses and networks of proxies whose word on where a request came from is taken. */
  readonly proxies: readonly string[];
  readonly methods: readonly M[];
  /** Those of the methods whose requests may have a body. */
  readonly bodies: readonly M[];
  /** The names Host may have, beside those of loopback; null: any. */
  readonly hosts: readonly string[] | null;
}

/** The head of a request as Node has it, and who sent it. */
export interface RequestHead {
  readonly httpVersion: string;
  readonly method: string;
  /** The target as it stood in the request line. */
  readonly url: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  /** Of the socket; undefined when the client is gone already. */
  readonly remoteAddress: string | undefined;
  /** Of the socket too. */
  readonly identity: Identity;
}

/** What is left of a request that may go on. */
export interface Passage<M extends string = string> extends Identity {
  readonly method: M;
  /** Absolute, decoded once, without the query. */
  readonly path: string;
  /** Of the client itself; IPv4 as IPv4 also where it came over an IPv6 socket. */
  readonly address: string;
  /**
   * A proxy brought it: others come over the same connection. TLS and certificate are the proxy's then, and nothing is known
   * of the client but its address.
   */
  readonly forwarded: boolean;
  readonly fields: RequestFields;
}

/** Judges requests before any route sees them. */
export type Gate<M extends string = string> = (head: RequestHead) => Passage<M> | RelayError;

/**
 * The gate in front of a listener (SECURITY.md). It answers RLY_ADDRESS_NOT_ALLOWED, RLY_METHOD_NOT_ALLOWED,
 * RLY_TARGET_TOO_LONG, RLY_BAD_REQUEST or RLY_HOST_NOT_ALLOWED; the address comes first, so that a stranger learns
 * nothing else.
 */
export function createGate<M extends string>({ allow, proxies, methods, bodies, hosts }: GateRules<M>): Gate<M> {
  const allowed = addressMatcher(allow);
  const isProxy = proxies.length === 0 ? () => false : addressMatcher(proxies);
  const mayHaveBody = (method: string): boolean => bodies.some((candidate) => candidate === method);
  const isOurName = hosts && hostMatcher(hosts);

  return ({ httpVersion, method: found, url, rawHeaders, remoteAddress, identity }) => {
    const peer = clientAddress(remoteAddress);
    const client = isProxy(peer) ? forwardedClient(peer, rawHeaders, isProxy) : peer;
    if (isRelayError(client)) return client;
    if (!allowed(client)) return new RelayError('RLY_ADDRESS_NOT_ALLOWED', { address: client });
    const method = methods.find((candidate) => candidate === found);
    if (method === undefined) {
      return new RelayError('RLY_METHOD_NOT_ALLOWED', { method: found, allowed: methods.join(', ') });
    }
    if (url.length > LONGEST_TARGET) {
      return new RelayError('RLY_TARGET_TOO_LONG', { length: url.length, limit: LONGEST_TARGET });
    }
    if (httpVersion !== '1.1' && httpVersion !== '1.0') {
      return badRequest(`it is HTTP/${httpVersion}, expected 1.0 or 1.1`);
    }
    const fields = readFields(httpVersion, rawHeaders, mayHaveBody(method));
    if ('flaw' in fields) return badRequest(fields.flaw);
    const host = isOurName ? hostOf(rawHeaders) : '';
    if (isOurName && !isOurName(host)) return new RelayError('RLY_HOST_NOT_ALLOWED', { host });
    const target = decodeTarget(url);
    if ('flaw' in target) return badRequest(target.flaw);
    const forwarded = client !== peer;
    const { secure, certificate } = forwarded ? UNKNOWN_CLIENT : identity;
    return { method, path: target.path, address: client, forwarded, secure, certificate, fields };
  };
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
