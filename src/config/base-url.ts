/** A right value, in words. */
export const BASE_URL = 'an http or https URL, as in http://ua1.example.com:21112/activeupdate';

/**
 * What would be right instead of this base URL of an update source; undefined for a good one. The relay appends
 * `/server.ini` and the rest (docs/protocol.md, "URLs"), so the URL ends before them; and it is shown in logs, the status
 * and every generation, so it may hold no secret. `expected`: the words for what is no such URL at all.
 */
export function baseUrlCorrection(text: string, expected: string = BASE_URL): string | undefined {
  const url = URL.parse(text);
  // The parser forgives what a person did not mean: spaces around and inside, backslashes, `https:host`.
  if (url === null || !/^https?:\/\/[^\s\\]+$/i.test(text)) return expected;
  if (url.username || url.password)
    return 'a URL without user name and password: it is shown in logs and in the status';
  if (/[?#]/.test(text)) return `${expected}, without a query or a fragment`;
  return withoutTail(text, 'server.ini');
}

/** The one spelling of a base URL: scheme and host in lower case, no default port (RFC 3986 §6.2), no slash at the end. */
export function normaliseBaseUrl(text: string): string {
  const { origin, path } = parts(text);
  return origin + path;
}

/** What to write instead of a URL that ends with the `tail` the relay appends; undefined for any other. */
export function withoutTail(text: string, tail: string): string | undefined {
  const { origin, path } = parts(text);
  if (!path.toLowerCase().endsWith(`/${tail}`)) return undefined;
  return `${normaliseBaseUrl(origin + path.slice(0, -tail.length))}, for /${tail} is appended`;
}

function parts(text: string): { origin: string; path: string } {
  const { origin, pathname } = new URL(text);
  return { origin, path: pathname.replace(/\/+$/, '') };
}
