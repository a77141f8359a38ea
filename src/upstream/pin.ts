import { createHash, X509Certificate } from 'node:crypto';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/** What a connection fails with when the source's key is not the pinned one. */
export class WrongPin extends Error {
  override readonly name = 'WrongPin';
  readonly found: string;
  readonly expected: string;

  constructor(found: string, expected: string) {
    super(`the public key is ${found}`);
    this.found = found;
    this.expected = expected;
  }
}

/** `sha256/BASE64` of a certificate's SubjectPublicKeyInfo, in DER (RFC 7469 §2.4). */
export function pinOf(certificate: Uint8Array): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(key).digest('base64')}`;
}

/** Node's own check of the name in a certificate, then that of its key. */
export function checkPinnedIdentity(pin: string) {
  return (host: string, certificate: PeerCertificate): Error | undefined => {
    const wrongName = checkServerIdentity(host, certificate);
    if (wrongName) return wrongName;
    const found = pinOf(certificate.raw);
    return found === pin ? undefined : new WrongPin(found, pin);
  };
}
