import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { certificateNames } from './certificate-names.ts';

/** A client's certificate that a CA of agents.tls.clientCa vouches for. */
export interface ClientCertificate {
  /** By what it names its holder; see `certificateNames`. */
  readonly names: readonly string[];
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
  return certificate ? { names: certificateNames(certificate) } : null;
}
