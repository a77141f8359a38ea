import { createSecureContext, getCACertificates } from 'node:tls';
import { Agent, type buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Reach } from '../config/read-reach.ts';
import { counted } from './counted.ts';
import { guardedConnector, refuseForbidden } from './connector.ts';
import type { UpstreamLimits } from './limits.ts';
import { bypassesProxy } from './no-proxy.ts';
import { checkPinnedIdentity } from './pin.ts';
import { entryFor } from './reach.ts';
import type { Target } from './request-url.ts';

/** How the requests to a source go, and what errors need to say about it. */
export interface Route {
  /** Its entry, `sources.reach[2]`; without one `sources.reach[]`, where one could be written. */
  readonly key: string;
  /** Null on the direct way. */
  readonly proxy: Reach['proxy'];
  /** Value of the Authorization header, for this source alone. */
  readonly authorization: string | null;
  /** One GET. `onInfo` is called at each informational answer before the one that counts. */
  request(target: Target, asking: Asking): Promise<Dispatcher.ResponseData>;
}

/** How one request is made; `count` learns of each piece of the body as it comes. */
interface Asking extends Pick<Dispatcher.RequestOptions, 'onInfo'> {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly count: (bytes: number) => void;
}

/** The ways to all sources. */
export interface Routes {
  /** The way to this URL. */
  to(url: string): Route;
  /** Nothing new goes on them; resolves when what is under way has ended. */
  close(): Promise<unknown>;
  /** Cuts every connection. */
  destroy(): Promise<unknown>;
}

export interface RouteOptions {
  readonly reach: readonly Reach[];
  /** The variable NO_PROXY. */
  readonly noProxy: string;
  readonly limits: UpstreamLimits;
  /** Address of this host to connect from; undefined: the system chooses. */
  readonly localAddress: string | undefined;
  /** Connections to one origin at a time. */
  readonly connections: number;
}

/** What an entry says, wherever it is for. */
type Terms = Omit<Reach, 'prefix'>;

const NO_ENTRY: Terms = {
  key: 'sources.reach[]',
  proxy: null,
  authorization: null,
  ca: null,
  client: null,
  pin: null,
};

/** Opens the ways outward: connections of one entry are not for another, for they differ in whom they trust. */
export function createRoutes(options: RouteOptions): Routes {
  const { reach, noProxy } = options;
  const open: Dispatcher[] = [];
  const keep: Keep = (dispatcher) => {
    open.push(dispatcher);
    return dispatcher;
  };
  const waysOf = (entry: Terms) => ({
    direct: directRoute(entry, options, keep),
    proxied: entry.proxy && proxiedRoute(entry, entry.proxy, options, keep),
  });
  const otherwise = waysOf(NO_ENTRY);
  const ways = new Map(reach.map((entry) => [entry, waysOf(entry)]));
  return {
    to(url) {
      const entry = entryFor(url, reach);
      const { direct, proxied } = (entry && ways.get(entry)) ?? otherwise;
      return proxied && !bypassesProxy(url, noProxy) ? proxied : direct;
    },
    close: () => Promise.allSettled(open.map((dispatcher) => dispatcher.close())),
    destroy: () => Promise.all(open.map((dispatcher) => dispatcher.destroy())),
  };
}

type Keep = <D extends Dispatcher>(dispatcher: D) => D;

function directRoute(entry: Terms, options: RouteOptions, keep: Keep): Route {
  const connect = guardedConnector(options.limits.connect, tlsOf(entry), options.localAddress);
  const agent = keep(new Agent({ ...poolOf(options), connect }));
  const { key, authorization } = entry;
  return {
    key,
    proxy: null,
    authorization,
    request: ({ origin, path }, { count, ...asking }) =>
      counted(agent, count).request({ ...asking, origin, path, method: 'GET' }),
  };
}

/**
 * Plain HTTP is asked of the proxy itself, the whole URL in the request line (RFC 9112 §3.2.2); TLS goes through a tunnel
 * (RFC 9110 §9.3.6). undici could do both, but answers a 407 to the first with an error that has no code to go by.
 */
function proxiedRoute(entry: Terms, proxy: NonNullable<Reach['proxy']>, options: RouteOptions, keep: Keep): Route {
  const pool = poolOf(options);
  const forProxy = contextOf({ ca: entry.ca, client: null });
  const connect = guardedConnector(options.limits.connect, forProxy, options.localAddress);
  const forward = keep(new Agent({ ...pool, connect }));
  const tunnel = keep(
    new ProxyAgent({
      ...pool,
      uri: proxy.url,
      ...(proxy.authorization !== null && { token: proxy.authorization }),
      connectTimeout: options.limits.connect,
      requestTls: { ...tlsOf(entry), allowH2: false },
      clientFactory: (origin, given) => new Pool(origin, { ...given, ...pool, connect }),
    }),
  );
  const { key, authorization } = entry;
  return {
    key,
    proxy,
    authorization,
    async request({ origin, path, url }, { count, ...asking }) {
      const { protocol, host, hostname } = new URL(origin);
      // Names are the proxy's to resolve; an address can be refused here.
      refuseForbidden(hostname);
      if (protocol === 'https:') return counted(tunnel, count).request({ ...asking, origin, path, method: 'GET' });
      const headers = {
        ...asking.headers,
        host,
        ...(proxy.authorization && { 'proxy-authorization': proxy.authorization }),
      };
      // undici's types do not know it: whose certificate is expected. Without it that of the Host, who is not the proxy.
      const { hostname: servername } = new URL(proxy.url);
      const request = { ...asking, origin: proxy.url, path: url, method: 'GET' as const, headers, servername };
      return counted(forward, count).request(request);
    },
  };
}

function poolOf({ connections, limits }: RouteOptions) {
  return { allowH2: false, connections, headersTimeout: limits.headers, bodyTimeout: limits.gap };
}

/** Made once: with the CAs of the system in it, it would cost each connection their parsing. */
function contextOf({ ca, client }: Pick<Terms, 'ca' | 'client'>): buildConnector.BuildOptions {
  if (ca === null && client === null) return {};
  const trusted = ca !== null && { ca: [...getCACertificates('default'), ca] };
  return { secureContext: createSecureContext({ ...trusted, ...client }) };
}

function tlsOf(entry: Terms): buildConnector.BuildOptions {
  if (entry.pin === null) return contextOf(entry);
  // Node does not look at the certificate of a session that is resumed: with a pin there are none.
  return { ...contextOf(entry), checkServerIdentity: checkPinnedIdentity(entry.pin), maxCachedSessions: 0 };
}
