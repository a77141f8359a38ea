import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type ListenOptions, type Server as NetServer } from 'node:net';

/** Where a server listens, and how many connections may wait there to be accepted. */
export type Place = Required<Pick<ListenOptions, 'host' | 'port' | 'backlog'>>;

/** Listening sockets beside a server's own, at the same address. */
export interface Acceptors {
  /** Opens `count` of them where `server` listens, which has to do so with `reusePort`. */
  open(server: Server, count: number): Promise<void>;
  /** They take no more connections; resolves when those that they took have ended. */
  close(): Promise<void>;
}

/** A thousand agents in the same moment are accepted in some 20 turns of the event loop (docs/adr/0010-hits-past-fastify.md). */
const MANY = 64;

/** Open files from which on so many sockets are no loss. */
const MANY_FILES = 1024;

/** How many sockets a listener of agents has where so many files may be open. Only Linux spreads connections over several. */
export function listeningSockets(openFiles: number): number {
  return process.platform === 'linux' && openFiles >= MANY_FILES ? MANY : 1;
}

/**
 * libuv accepts one connection a socket and turn of the event loop, and a turn is as long as those who are connected already keep
 * it: of a thousand agents in the same moment the last waited for four seconds. The kernel spreads connections over all sockets
 * that share an address (SO_REUSEPORT), and each of them accepts one a turn.
 */
export function createAcceptors(backlog: number): Acceptors {
  const sockets: NetServer[] = [];
  return {
    async open(server, count) {
      const { address: host, port } = server.address() as AddressInfo;
      for (let n = 0; n < count; n += 1) {
        // As node:http has them: a client may end its side and still wait for its answer.
        const socket = createServer({ allowHalfOpen: true, noDelay: true });
        socket.on('connection', (connection) => server.emit('connection', connection));
        socket.listen({ host, port, backlog, reusePort: true });
        await once(socket, 'listening');
        sockets.push(socket);
      }
    },
    async close() {
      await Promise.all(sockets.splice(0).map((socket) => once(socket.close(), 'close')));
    },
  };
}

/**
 * Rejects with EADDRINUSE where somebody listens already. Without this, two programs of one user that both share an address would
 * have half of its connections each, and neither would know.
 */
export async function refuseTaken({ host, port, backlog }: Place): Promise<void> {
  if (port === 0) return; // the kernel picks one that nobody has
  const alone = createServer().listen({ host, port, backlog });
  await once(alone, 'listening');
  await once(alone.close(), 'close');
}
