import { createSecureContext } from 'node:tls';
import { RelayError } from '../errors/relay-error.ts';
import { readGuardedFile } from './guarded-file.ts';
import type { Config } from './schema.ts';

/** How the sources below a prefix are reached: an entry of `sources.reach`, its files read. Holds secrets: for no log. */
export interface Reach {
  /** Where it is configured: `sources.reach[2]`. */
  readonly key: string;
  readonly prefix: string;
  readonly proxy: { readonly url: string; readonly authorization: string | null } | null;
  /** Value of the Authorization header (RFC 7617). */
  readonly authorization: string | null;
  /** PEM. */
  readonly ca: string | null;
  /** PEM, both of them. */
  readonly client: { readonly cert: string; readonly key: string } | null;
  /** `sha256/BASE64` of the source's public key. */
  readonly pin: string | null;
}

type Entry = Config['sources']['reach'][number];

/** Reads the files that `sources.reach` names. Throws RLY_CONFIG_REACH_FILE for one that is of no use. */
export async function readReach(entries: readonly Entry[]): Promise<Reach[]> {
  return Promise.all(entries.map((entry, index) => readEntry(entry, `sources.reach[${index}]`)));
}

async function readEntry(entry: Entry, key: string): Promise<Reach> {
  const read = <T>(label: FileLabel, judge: (text: string) => T): Promise<T | null> =>
    readPart(entry[label], `${key}.${label}`, PUBLIC.has(label) ? 'public' : 'secret', judge);
  const cert = await read('clientCert', certificates);
  return {
    key,
    prefix: entry.prefix,
    proxy: entry.proxy
      ? { url: entry.proxy, authorization: await read('proxyCredentialsFile', basicCredentials) }
      : null,
    authorization: await read('credentialsFile', basicCredentials),
    ca: await read('ca', certificates),
    client: cert === null ? null : await read('clientKey', (text) => ({ cert, key: keyOf(cert, text) })),
    pin: entry.pin ?? null,
  };
}

type FileLabel = 'proxyCredentialsFile' | 'credentialsFile' | 'ca' | 'clientCert' | 'clientKey';

/** What everybody may read. */
const PUBLIC: ReadonlySet<FileLabel> = new Set(['ca', 'clientCert']);

async function readPart<T>(
  file: string | undefined,
  key: string,
  kind: 'secret' | 'public',
  judge: (text: string) => T,
): Promise<T | null> {
  if (file === undefined) return null;
  try {
    return judge(await readGuardedFile(file, kind));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RelayError('RLY_CONFIG_REACH_FILE', { key, file, reason }, { cause: error });
  }
}

/** `user:password` in the first line. The user name has no colon, the password may have some (RFC 7617 §2). */
function basicCredentials(text: string): string {
  const [line = ''] = text.split(/\r?\n/);
  if (!/^[^:]+:/.test(line)) throw new Error('its first line is not user:password');
  return `Basic ${Buffer.from(line).toString('base64')}`;
}

/** Throws where there is no certificate in it. */
function certificates(pem: string): string {
  createSecureContext({ cert: pem });
  return pem;
}

/** Throws where it is no key, or not that of `cert`. */
function keyOf(cert: string, pem: string): string {
  createSecureContext({ cert, key: pem });
  return pem;
}
