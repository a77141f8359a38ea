import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isForbiddenAddress } from './forbidden-address.ts';

/** The code of the error for an address the relay never connects to. */
export const FORBIDDEN_ADDRESS = 'FORBIDDEN_ADDRESS';

/**
 * How the relay's own undici agent connects: within `timeout` ms, HTTP/1.1 only (HTTP/2 would share one connection
 * among all downloads), and never to a forbidden address: that fails with the code FORBIDDEN_ADDRESS before a packet leaves.
 */
export function guardedConnector(timeout: number, localAddress?: string): buildConnector.connector {
  const connect = buildConnector({ timeout, allowH2: false, lookup: guardedLookup(lookup) });
  // undici heeds this one with each connection only, not where the connector is built.
  const from = localAddress === undefined ? {} : { localAddress };
  return (options, callback) => {
    // Node skips `lookup` for IP literals, so these are looked at here.
    if (isForbiddenAddress(options.hostname)) callback(forbidden(options.hostname, options.hostname), null);
    else connect({ ...options, ...from }, callback);
  };
}

/** `resolve`, except that a name with a forbidden address among its addresses does not resolve. */
export function guardedLookup(resolve: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, found, family) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address);
      const culprit = addresses.find(isForbiddenAddress);
      callback(culprit === undefined ? error : forbidden(hostname, culprit), found, family);
    });
  };
}

function forbidden(hostname: string, address: string): NodeJS.ErrnoException {
  const where = hostname === address ? address : `${hostname} is ${address}`;
  return Object.assign(new Error(where), { code: FORBIDDEN_ADDRESS });
}
