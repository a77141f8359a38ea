/** Where a request goes. */
export interface Target {
  /** Scheme, host and port. */
  readonly origin: string;
  /** As it stands in the request line. */
  readonly path: string;
  /** The whole, without credentials: for errors and logs. */
  readonly url: string;
  /** For the Authorization header, where the base URL carries credentials. */
  readonly authorization: string | null;
}

/**
 * `base` + `/` + `path`, each segment percent-encoded. The path is never normalised: `URL` would fold `..` away, and
 * ask for something else than the index named. Throws TypeError when `base` is no URL (the configuration checks that).
 */
export function requestTarget(base: string, path: string): Target {
  const { origin, pathname, username, password } = new URL(base);
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  const wholePath = `${pathname.replace(/\/$/, '')}/${encoded}`;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    origin,
    path: wholePath,
    url: origin + wholePath,
    authorization: credentials === ':' ? null : `Basic ${Buffer.from(credentials).toString('base64')}`,
  };
}

/** Where a redirect leads when it stays at its origin; null when it leaves it (SECURITY.md, "upstream"). */
export function redirectTarget(from: Target, location: string): Target | null {
  if (!URL.canParse(location, from.url)) return null;
  const { origin, pathname, search } = new URL(location, from.url);
  const path = pathname + search;
  return origin === from.origin ? { ...from, path, url: origin + path } : null;
}
