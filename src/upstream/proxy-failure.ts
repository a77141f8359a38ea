import { RelayError } from '../errors/relay-error.ts';
import type { Route } from './routes.ts';

// On the way through a proxy the relay itself resolves and connects to nothing else.
const OF_THE_PROXY: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ENODATA',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_PRX_CONN',
  'UND_ERR_PRX_TLS',
]);

/** What a failure on the way `route` says about its proxy; null where there is none, or it is not to blame. */
export function proxyFailure(
  cause: unknown,
  url: string,
  { proxy, key }: Pick<Route, 'proxy' | 'key'>,
): RelayError | null {
  if (proxy === null || !(cause instanceof Error)) return null;
  // undici (8.12) gives the status of a tunnel that was refused in the message alone.
  const [, status] = /^Proxy response \((\d+)\)/.exec(cause.message) ?? [];
  // tinyproxy (1.11) answers wrong credentials with 401; the source itself has not been asked yet.
  if (status === '407' || status === '401') return proxyAuthError(url, proxy, key, Number(status));
  const code = 'code' in cause ? String(cause.code) : '';
  if (status === undefined && !OF_THE_PROXY.has(code)) return null;
  const reason = status === undefined ? cause.message || code : `it answered ${status} to CONNECT`;
  return new RelayError('RLY_UPSTREAM_PROXY', { url, proxy: proxy.url, reason, key }, { cause });
}

/** The error for a proxy that does not know the relay; `key`: where the way is configured. */
export function proxyAuthError(
  url: string,
  proxy: NonNullable<Route['proxy']>,
  key: string,
  status: number,
): RelayError {
  const found = proxy.authorization === null ? 'this relay has none for it' : 'does not accept those of this relay';
  return new RelayError('RLY_UPSTREAM_PROXY_AUTH', { url, proxy: proxy.url, status, found, key });
}
