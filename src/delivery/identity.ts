import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** A client's certificate that a CA of agents.tls.clientCa vouches for. */
export interface ClientCertificate {
  /** As the certificate has it, from the country down: `O=Branch 12, CN=pc-7`. */
  readonly subject: string;
  /** SHA-256 of the certificate, 64 hexadecimal digits in lower case. */
  readonly fingerprint: string;
}

/** How a client showed who it is. */
export interface Identity {
  /** Its own connection is TLS. */
  readonly secure: boolean;
  /** Null: it showed none, or none that was verified. */
  readonly certificate: ClientCertificate | null;
}

/** Nothing is known but an address. */
export const UNKNOWN_CLIENT: Identity = { secure: false, certificate: null };

const known = new WeakMap<TLSSocket, Identity>();

/** Of the client at the other end of a connection; looked up once a connection. */
export function identityOf(socket: Socket): Identity {
  if (!(socket instanceof TLSSocket)) return UNKNOWN_CLIENT;
  let identity = known.get(socket);
  if (!identity) known.set(socket, (identity = { secure: true, certificate: certificateOf(socket) }));
  return identity;
}

/** `authorized`: Node verified it. Where certificates are optional, one that fails is as good as none. */
function certificateOf(socket: TLSSocket): ClientCertificate | null {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  if (!certificate) return null;
  const { subject, fingerprint256 } = certificate;
  return {
    subject: subject.split('\n').join(', '),
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}
