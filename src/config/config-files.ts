import { isDeepStrictEqual } from 'node:util';
import { earliestExpiry } from './certificates.ts';
import { readAgentsTls, type AgentsTls } from './read-agents-tls.ts';
import { readReach, type Reach } from './read-reach.ts';
import { readToken } from './read-token.ts';
import type { Config } from './schema.ts';

/** What lies in the files that a configuration names. Holds secrets: for no log. */
export interface ConfigFiles {
  readonly token: string | null;
  readonly agentsTls: AgentsTls | null;
  readonly reach: readonly Reach[];
}

/** Reads all of them. Throws RLY_ADMIN_TOKEN_UNUSABLE, RLY_CONFIG_TLS_FILE, RLY_CONFIG_REACH_FILE. */
export async function readConfigFiles({ admin, agents, sources }: Config): Promise<ConfigFiles> {
  return {
    token: await readToken(admin.tokenFile),
    agentsTls: await readAgentsTls(agents.tls),
    reach: await readReach(sources.reach),
  };
}

/** The keys whose files do not hold what they held. Pure. */
export function changedFiles(before: ConfigFiles, after: ConfigFiles): string[] {
  const keys = { token: 'admin.tokenFile', agentsTls: 'agents.tls', reach: 'sources.reach' } as const;
  return (['token', 'agentsTls', 'reach'] as const)
    .filter((part) => !isDeepStrictEqual(before[part], after[part]))
    .map((part) => keys[part]);
}

/** When what a key names is no longer valid. */
export interface CertificateExpiry {
  readonly key: string;
  /** Milliseconds since the epoch; of several certificates in a file, the first to expire. */
  readonly expiresAt: number;
}

/** Of all certificates that the configuration names. */
export function certificateExpiries({ agentsTls, reach }: ConfigFiles): CertificateExpiry[] {
  const named: [string, string | null | undefined][] = [
    ['agents.tls.cert', agentsTls?.cert],
    ['agents.tls.clientCa', agentsTls?.clientCa],
    ...reach.flatMap(({ key, ca, client }): [string, string | null | undefined][] => [
      [`${key}.ca`, ca],
      [`${key}.clientCert`, client?.cert],
    ]),
  ];
  return named.flatMap(([key, pem]) => (pem ? [{ key, expiresAt: earliestExpiry(pem) }] : []));
}
