/**
 * The base URL of a source as it may be shown: no credentials, no slash at the end. Throws TypeError when it is no URL
 * (the command checks that).
 */
export function sourceName(url: string): string {
  const { origin, pathname } = new URL(url);
  return (origin + pathname).replace(/\/+$/, '');
}
