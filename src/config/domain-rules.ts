import { domainKey } from '../ports/settings-path.ts';
import { HIDDEN } from './problems.ts';
import type { Config } from './schema.ts';

type Entry = Config['mirror']['domainAgents'][number];

/** What is wrong with an entry: at which of its keys, what was found there, and what would be right. It names no domain. */
interface Finding {
  readonly index: number;
  readonly label: keyof Entry;
  readonly found: unknown;
  readonly expected: string;
}

/** The first thing in `mirror.domainAgents` that could never take effect, or not as it was meant. */
export function domainContradiction(
  { domains, domainAgents }: Pick<Config['mirror'], 'domains' | 'domainAgents'>,
  { clientCa }: Config['agents']['tls'],
): Finding | undefined {
  const known = new Set(domains.map(domainKey));
  const seen = new Set<string>();
  for (const [index, { domain, ranges, certificates }] of domainAgents.entries()) {
    const key = domainKey(domain);
    const wrong = (label: keyof Entry, found: unknown, expected: string): Finding => ({
      index,
      label,
      found,
      expected,
    });
    if (!known.has(key)) return wrong('domain', HIDDEN, 'one of the domains in mirror.domains');
    if (seen.has(key)) return wrong('domain', HIDDEN, 'one entry for a domain');
    if (!ranges && !certificates) return wrong('domain', HIDDEN, 'ranges or certificates beside it');
    if (certificates && clientCa === undefined) {
      return wrong('certificates', certificates, 'agents.tls.clientCa beside it: the CAs whose certificates count');
    }
    seen.add(key);
  }
  return undefined;
}
