/** A right value, in words. */
export const PROXY_URL = 'an http or https URL without a path, as in http://proxy.example.com:3128';

/** What would be right instead of this URL of a proxy; undefined for a good one. It is shown in errors: it may hold no secret. */
export function proxyUrlCorrection(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\/[^\s\\?#]+$/i.test(text)) return PROXY_URL;
  if (url.username || url.password) return 'a URL without user name and password: they belong in proxyCredentialsFile';
  return url.pathname === '/' ? undefined : PROXY_URL;
}
