import { isIP } from 'node:net';
import { RelayError } from '../errors/relay-error.ts';

/** The address of a socket, empty when it is closed. `::ffff:10.0.0.1` is how a dual-stack socket writes 10.0.0.1 (RFC 4291 §2.5.5.2). */
export function clientAddress(remoteAddress = ''): string {
  return remoteAddress.startsWith('::ffff:') && remoteAddress.includes('.') ? remoteAddress.slice(7) : remoteAddress;
}

/**
 * Whom the proxy at `peer` asks for, as its X-Forwarded-For fields tell: each proxy appends whom it was asked by, so the
 * rightmost address that is no proxy of ours counts, and what stands left of it is anybody's claim, and not read. Without
 * such a field it is the proxy itself that asks. Where something else than an address stands in the place that counts, it
 * is RLY_BAD_REQUEST: taken for the proxy's own, the request would have the rights of the proxy.
 */
export function forwardedClient(
  peer: string,
  rawHeaders: readonly string[],
  isProxy: (address: string) => boolean,
): string | RelayError {
  let client = peer;
  for (const text of hopsOf(rawHeaders).toReversed()) {
    const address = clientAddress(text.trim());
    if (isIP(address) === 0) {
      return new RelayError('RLY_BAD_REQUEST', { reason: `"${text.trim()}" in X-Forwarded-For is no address` });
    }
    client = address;
    if (!isProxy(address)) break;
  }
  return client;
}

/** All X-Forwarded-For fields are one list (RFC 9110 §5.3). */
function hopsOf(rawHeaders: readonly string[]): string[] {
  return rawHeaders.flatMap((name, at) =>
    at % 2 === 0 && name.toLowerCase() === 'x-forwarded-for' ? (rawHeaders[at + 1] ?? '').split(',') : [],
  );
}
