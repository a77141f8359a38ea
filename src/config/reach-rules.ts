/** What an entry of `sources.reach` says, as far as its keys depend on each other. */
interface Entry {
  readonly prefix: string;
  readonly proxy?: string;
  readonly proxyCredentialsFile?: string;
  readonly ca?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly pin?: string;
}

/** What is wrong with an entry: at which of its keys, what was found there, and what would be right. */
interface Finding {
  readonly index: number;
  readonly label: keyof Entry;
  readonly found: unknown;
  readonly expected: string;
}

/** The first thing in `sources.reach` that could never take effect: a key without its partner, or for a scheme that knows none. */
export function reachContradiction(entries: readonly Entry[]): Finding | undefined {
  const prefixes = entries.map(({ prefix }) => prefix);
  for (const [index, entry] of entries.entries()) {
    const wrong = (label: keyof Entry, expected: string): Finding => ({ index, label, found: entry[label], expected });
    if (prefixes.indexOf(entry.prefix) < index) return wrong('prefix', 'one entry for a prefix');
    if (entry.proxyCredentialsFile && !entry.proxy) return wrong('proxyCredentialsFile', 'proxy beside it');
    if (entry.clientCert && !entry.clientKey) return wrong('clientCert', 'clientKey beside it');
    if (entry.clientKey && !entry.clientCert) return wrong('clientKey', 'clientCert beside it');
    if (isSecure(entry.prefix)) continue;
    const useless = 'a prefix that begins with https: there is no certificate in plain HTTP';
    if (entry.pin) return wrong('pin', useless);
    if (entry.clientCert) return wrong('clientCert', useless);
    if (entry.ca && !isSecure(entry.proxy)) return wrong('ca', useless);
  }
  return undefined;
}

function isSecure(url: string | undefined): boolean {
  return url?.startsWith('https:') ?? false;
}
