import { addressMatcher } from '../config/addresses.ts';
import type { Config } from '../config/schema.ts';
import { RelayError } from '../errors/relay-error.ts';
import { domainAsked, domainKey } from '../ports/settings-path.ts';
import type { Identity } from './identity.ts';

/** Who asks for what. */
interface Asking extends Identity {
  /** Absolute and decoded. */
  readonly path: string;
  readonly address: string;
}

/** Undefined for a request that may go on; for one that may not, RLY_PULL_OVER_PLAIN_HTTP or RLY_PULL_NOT_YOURS. */
export type DomainGuard = (asking: Asking) => RelayError | undefined;

type Rule = (asking: Asking) => boolean;

const anybody: Rule = () => true;
/** Of a domain that is not there: it is looked at as the others are. */
const nobody = ruleOf({ ranges: [], certificates: [] });

/**
 * Who may have domain settings, judged by the request alone, before anything is looked up. An agent must not learn which
 * domains there are: whether a domain is not configured or not for this agent, the answer is the same.
 */
export function createDomainGuard(
  { items, domains, domainAgents }: Pick<Config['mirror'], 'items' | 'domains' | 'domainAgents'>,
  allowPlain: boolean,
): DomainGuard {
  // Off, these paths are like any other, and on no list.
  if (!items.domainSettings) return () => undefined;
  const rules = new Map<string, Rule>(domains.map((domain) => [domainKey(domain), anybody]));
  for (const entry of domainAgents) rules.set(domainKey(entry.domain), ruleOf(entry));

  return (asking) => {
    const domain = domainAsked(asking.path);
    if (domain === undefined) return undefined;
    if (!asking.secure && !allowPlain) return new RelayError('RLY_PULL_OVER_PLAIN_HTTP', {});
    const mayHave = rules.get(domain) ?? nobody;
    return mayHave(asking) ? undefined : new RelayError('RLY_PULL_NOT_YOURS', { address: asking.address });
  };
}

/** Each kind that is given must match: who writes a second one wants to narrow the first. */
function ruleOf({ ranges, certificates }: Omit<Config['mirror']['domainAgents'][number], 'domain'>): Rule {
  const isInRanges = ranges && addressMatcher(ranges);
  const names = certificates && new Set(certificates);
  return ({ address, certificate }) =>
    (!isInRanges || isInRanges(address)) &&
    (!names || (certificate !== null && certificate.names.some((name) => names.has(name))));
}
