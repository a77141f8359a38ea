/** Where agents look for the settings of a domain, in whatever case (docs/protocol.md §3). */
const SETTINGS_PATH = /^\/activeupdate\/([^/]+)\/ofcscan\.ini$/i;

/** A domain as tables have it: ASCII case is folded, as `canonicalPath` does it for paths. */
export function domainKey(domain: string): string {
  return domain.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The path of a domain's settings as tables have it. */
export function settingsPath(domain: string): string {
  return `/activeupdate/${domainKey(domain)}/ofcscan.ini`;
}

/**
 * The domain whose settings an absolute path asks for, as tables have it, whether there is such a domain or not; undefined for
 * every other path.
 */
export function domainAsked(path: string): string | undefined {
  const domain = SETTINGS_PATH.exec(path)?.[1];
  return domain === undefined ? undefined : domainKey(domain);
}
