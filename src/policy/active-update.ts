/** The vendor's hosts: each generation of the product has its number (docs/protocol.md §3). A name may end with a dot. */
const VENDOR_HOST = /^osce\d+-p\.activeupdate\.trendmicro\.com\.?$/;

/**
 * Whether a URL means the ActiveUpdate server: one of the vendor's hosts, or the place that `configured`
 * (`sources.activeUpdate`) means, however it is written. Both are http(s) URLs.
 */
export function isActiveUpdate(url: string, configured: string): boolean {
  return VENDOR_HOST.test(new URL(url).hostname) || placeOf(url) === placeOf(configured);
}

/** A URL without what may be written in several ways: the scheme, its port, case (docs/protocol.md §3), slashes at the end. */
function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  const otherPort = ['', '80', '443'].includes(port) ? '' : `:${port}`;
  return `${hostname}${otherPort}${pathname}`.toLowerCase().replace(/\/+$/, '');
}
