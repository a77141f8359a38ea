import { constants } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { AgentsTls } from '../config/read-agents-tls.ts';
import { clientAddress } from './client-address.ts';
import { clientErrorHandler } from './client-error-handler.ts';
import type { Connections } from './connections.ts';
import type { Gate } from './gate.ts';
import type { LISTENER_OPTIONS } from './listener-options.ts';
import { tunnelRequest } from './tunnel-request.ts';

export interface GuardedServerOptions {
  /** Its times and limits. */
  readonly options: Pick<typeof LISTENER_OPTIONS, 'http' | 'keepAliveTimeout' | 'requestTimeout' | 'connectionTimeout'>;
  /** Looks after its connections. */
  readonly connections: Connections;
  /** Without it, it speaks plain HTTP. */
  readonly tls?: { readonly files: AgentsTls; readonly clientCertificates: 'required' | 'optional' } | null;
  /** Told of each connection on which TLS failed. */
  readonly tlsFailed?: (address: string, error: string) => void;
}

/** Node's server for a listener, which Fastify asks for; it sets limits on servers of its own only. */
export interface GuardedServer {
  readonly factory: (listener: RequestListener) => Server;
  /** Fastify's option of that name, for a listener with this gate. */
  readonly clientErrorHandler: (gate: Gate) => ReturnType<typeof clientErrorHandler>;
  /** New connections get this certificate; those that are open keep theirs. Throws where OpenSSL does not take it. */
  readonly renew: (tls: AgentsTls) => void;
}

export function guardedServer({ options, connections, tls = null, tlsFailed }: GuardedServerOptions): GuardedServer {
  const { http, requestTimeout, keepAliveTimeout, connectionTimeout } = options;
  // A request without a body, nearly each, has nothing that would have to be read to its end.
  const times = { ...http, requestTimeout, keepAliveTimeout, optimizeEmptyRequests: true };
  let secure: SecureServer | undefined;

  function make(listener: RequestListener): Server {
    if (tls === null) return createServer(times, listener);
    const asked = tls.files.clientCa !== null;
    secure = createSecureServer(
      {
        ...times,
        ...contextOf(tls.files),
        handshakeTimeout: http.headersTimeout,
        requestCert: asked,
        rejectUnauthorized: asked && tls.clientCertificates === 'required',
      },
      listener,
    );
    secure.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      // What verification said comes as a mere end of the connection.
      const verdict: unknown = socket.authorizationError;
      const reason = typeof verdict === 'string' ? verdict : (error.code ?? error.message);
      tlsFailed?.(clientAddress(socket.remoteAddress), reason);
    });
    return secure;
  }

  return {
    factory(listener) {
      const handle: RequestListener = (request, response) => {
        listener(request, response);
        connections.asked(request.socket, response);
      };
      const server = make(handle);
      server.setTimeout(connectionTimeout);
      // Node answers Expect by itself, with 100 or 417, unless somebody listens.
      for (const event of ['checkContinue', 'checkExpectation']) server.on(event, handle);
      server.on('connect', tunnelRequest(handle));
      connections.watch(server);
      return server;
    },
    clientErrorHandler: (gate) => clientErrorHandler(gate, connections),
    renew: (files) => secure?.setSecureContext(contextOf(files)),
  };
}

function contextOf({ cert, key, clientCa }: AgentsTls): ServerOptions {
  return {
    cert,
    key,
    ...(clientCa !== null && { ca: clientCa }),
    minVersion: 'TLSv1.2',
    // A client could show another certificate in the middle of a connection, or have us compute for nothing.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}
