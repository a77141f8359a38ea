import { addressMatcher, isAddressRange } from '../config/addresses.ts';

/**
 * Whether `noProxy`, the variable NO_PROXY, keeps requests to `url` away from a proxy. It has no standard; read as by curl
 * and Go: hosts separated by commas or spaces, each with its subdomains (a leading dot or `*.` changes nothing), with or
 * without a port; addresses and CIDR ranges; `*` for everything.
 */
export function bypassesProxy(url: string, noProxy: string): boolean {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const actualPort = port || (protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*') return true;
      if (isAddressRange(entry)) return addressMatcher([entry])(host);
      const [, name = '', itsPort = actualPort] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      return itsPort === actualPort && (host === name || host.endsWith(`.${name}`));
    });
}
