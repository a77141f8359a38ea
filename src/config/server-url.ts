/** A right value, in words. */
export const SERVER_URL = 'an http or https URL, as in https://osce.example.com:4343/officescan';

/**
 * What would be right instead of this base URL of an OfficeScan server; undefined for a good one. The relay appends
 * `/download` and the rest (docs/protocol.md, "URLs"), so the URL ends before them; and it is shown in logs, the status
 * and every generation, so it may hold no secret.
 */
export function serverUrlCorrection(text: string): string | undefined {
  const url = URL.parse(text);
  // The parser forgives what a person did not mean: spaces around and inside, backslashes, `https:host`.
  if (url === null || !/^https?:\/\/[^\s\\]+$/i.test(text)) return SERVER_URL;
  if (url.username || url.password)
    return 'a URL without user name and password: it is shown in logs and in the status';
  if (/[?#]/.test(text)) return `${SERVER_URL}, without a query or a fragment`;
  const base = normaliseServerUrl(text);
  const withoutDownload = base.replace(/\/+download$/i, '');
  return withoutDownload === base ? undefined : `${withoutDownload}, for /download is appended`;
}

/** The one spelling of a server's URL: host in lower case, no default port, no slash at the end. */
export function normaliseServerUrl(text: string): string {
  const { origin, pathname } = new URL(text);
  return origin + pathname.replace(/\/+$/, '');
}
