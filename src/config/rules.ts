import { isLoopback } from './addresses.ts';
import { domainContradiction } from './domain-rules.ts';
import { HIDDEN, shown, type Problem } from './problems.ts';
import { reachContradiction } from './reach-rules.ts';
import type { Config } from './schema.ts';
import type { Settings } from './settings.ts';

/** A rule between keys, which no key can check by itself. */
interface Rule {
  /** Those it is about. Their defaults keep it, so one of them was set when it is broken. */
  readonly keys: readonly string[];
  /** Undefined while it is kept. */
  readonly broken: (config: Config) => Finding | undefined;
}

interface Finding {
  readonly found: unknown;
  readonly expected: string;
  /** Which entry of a list, and which of its keys. */
  readonly index?: number;
  readonly label?: string;
}

const RULES: readonly Rule[] = [
  {
    keys: ['admin.host', 'admin.tokenFile'],
    broken: ({ admin }) =>
      admin.tokenFile === undefined && !isLoopback(admin.host)
        ? {
            found: admin.host,
            expected:
              'a loopback address (127.0.0.1, ::1, localhost), or admin.tokenFile beside it: without a token the listener would stand open to everybody who reaches it',
          }
        : undefined,
  },
  {
    keys: ['admin.port', 'agents.port'],
    broken: ({ admin, agents }) =>
      admin.port !== 0 && admin.port === agents.port
        ? { found: admin.port, expected: 'two different ports for agents and administration' }
        : undefined,
  },
  {
    keys: ['mirror.items.domainSettings', 'mirror.domains'],
    broken: ({ mirror: { items, domains } }) =>
      items.domainSettings && domains.length === 0
        ? { found: true, expected: 'mirror.domains beside it: the domains whose settings may be handed on' }
        : undefined,
  },
  {
    keys: ['mirror.domains', 'mirror.items.domainSettings'],
    broken: ({ mirror: { items, domains } }) =>
      domains.length > 0 && !items.domainSettings
        ? { found: HIDDEN, expected: 'mirror.items.domainSettings: true beside it, or no domains' }
        : undefined,
  },
  {
    keys: ['agents.tls.cert', 'agents.tls.key', 'agents.tls.clientCa'],
    broken: ({ agents: { tls } }) => {
      if (tls.cert !== undefined && tls.key === undefined)
        return { found: tls.cert, expected: 'agents.tls.key beside it' };
      if (tls.key !== undefined && tls.cert === undefined)
        return { found: tls.key, expected: 'agents.tls.cert beside it' };
      if (tls.clientCa !== undefined && tls.cert === undefined) {
        return { found: tls.clientCa, expected: 'agents.tls.cert and agents.tls.key beside it' };
      }
      return undefined;
    },
  },
  {
    keys: ['mirror.domainAgents', 'mirror.domains', 'agents.tls.clientCa'],
    broken: ({ mirror, agents }) => domainContradiction(mirror, agents.tls),
  },
  { keys: ['sources.reach'], broken: ({ sources }) => reachContradiction(sources.reach) },
];

/** The first rule that a configuration breaks, in words; undefined for one that keeps them all. */
export function brokenRule(config: Config): { key: string; found: string; expected: string } | undefined {
  for (const { keys, broken } of RULES) {
    const finding = broken(config);
    if (finding) return { key: keys[0] ?? '', found: shown(finding.found), expected: finding.expected };
  }
  return undefined;
}

/** The rules a configuration breaks, each at the key that was set. A rule about a key with a problem is left out. */
export function contradictions(config: Config, settings: Settings, known: readonly Problem[]): Problem[] {
  // `mirror.domains[2]` is a problem of `mirror.domains`.
  const refused = new Set(known.map(({ key }) => key?.replace(/\[.*$/, '')));
  return RULES.filter(({ keys }) => !keys.some((key) => refused.has(key))).flatMap(({ keys, broken }) => {
    const finding = broken(config);
    const setting = keys.map((key) => settings.byName.get(key)).find((candidate) => candidate !== undefined);
    if (finding === undefined || setting === undefined) return [];
    const { found, expected, index, label } = finding;
    const inList = index !== undefined && label !== undefined;
    const where = inList ? setting.where(index, label) : setting.where();
    const key = inList ? `${setting.key.name}[${index}].${label}` : setting.key.name;
    return [{ where, key, found: shown(found), expected }];
  });
}
