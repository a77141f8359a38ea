import { createSecureContext } from 'node:tls';
import { RelayError } from '../errors/relay-error.ts';
import { certificatesIn } from './certificates.ts';
import { readGuardedFile } from './guarded-file.ts';
import type { Config } from './schema.ts';

/** What `agents.tls` names, read: PEM. Holds a secret: for no log. */
export interface AgentsTls {
  readonly cert: string;
  readonly key: string;
  /** Whose certificates agents show themselves with; null: they need none. */
  readonly clientCa: string | null;
}

/** Null where agents are served without TLS. Throws RLY_CONFIG_TLS_FILE for a file that is of no use. */
export async function readAgentsTls({ cert, key, clientCa }: Config['agents']['tls']): Promise<AgentsTls | null> {
  if (cert === undefined || key === undefined) return null;
  const chain = await read('cert', cert, 'public', certificates);
  return {
    cert: chain,
    key: await read('key', key, 'secret', (pem) => keyOf(chain, pem)),
    clientCa: clientCa === undefined ? null : await read('clientCa', clientCa, 'public', certificates),
  };
}

async function read(
  label: keyof Config['agents']['tls'],
  file: string,
  kind: 'secret' | 'public',
  judge: (pem: string) => string,
): Promise<string> {
  try {
    return judge(await readGuardedFile(file, kind));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RelayError('RLY_CONFIG_TLS_FILE', { key: `agents.tls.${label}`, file, reason }, { cause: error });
  }
}

function certificates(pem: string): string {
  certificatesIn(pem);
  return pem;
}

/** Throws where it is no key, or not that of the first certificate. */
function keyOf(cert: string, pem: string): string {
  createSecureContext({ cert, key: pem });
  return pem;
}
