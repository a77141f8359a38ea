import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isForbiddenAddress } from './forbidden-address.ts';

/** The code of the error for an address the relay never connects to. */
export const FORBIDDEN_ADDRESS = 'FORBIDDEN_ADDRESS';

/**
 * How the relay's own undici agents connect: with the settings of `tls`, within `timeout` ms, HTTP/1.1 only (HTTP/2 would share one connection
 * among all downloads), and never to a forbidden address: that fails with the code FORBIDDEN_ADDRESS before a packet leaves.
 */
export function guardedConnector(
  timeout: number,
  tls: buildConnector.BuildOptions,
  localAddress: string | undefined,
): buildConnector.connector {
  const connect = buildConnector({ ...tls, timeout, allowH2: false, lookup: guardedLookup(lookup) });
  // undici heeds this one with each connection only, not where the connector is built.
  const from = localAddress === undefined ? {} : { localAddress };
  return (options, callback) => {
    // Node skips `lookup` for IP literals, so these are looked at here.
    if (isForbiddenAddress(options.hostname)) callback(forbidden(options.hostname, options.hostname), null);
    else connect({ ...withoutAddressAsName(options), ...from }, callback);
  };
}

/** undici's ProxyAgent names a proxy by its address, which is no server name (RFC 6066 §3), and which Node refuses as one. */
function withoutAddressAsName({ servername, ...options }: buildConnector.Options): buildConnector.Options {
  return servername === undefined || isIP(servername) !== 0 ? options : { ...options, servername };
}

/** Throws the error of a forbidden address where the host of a URL is one. */
export function refuseForbidden(hostname: string): void {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isForbiddenAddress(address)) throw forbidden(address, address);
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
