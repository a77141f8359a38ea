import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { createAcceptors, refuseTaken } from '../src/delivery/acceptors.ts';
import type { Connections } from '../src/delivery/connections.ts';
import { RelayError } from '../src/errors/relay-error.ts';
import type { Clock } from '../src/ports/clock.ts';

/** A Fastify instance, and who looks after its connections. */
export interface Listener {
  readonly app: FastifyInstance;
  readonly connections: Connections;
  /** Listening sockets at its address: as many connections are accepted a turn of the event loop. */
  readonly sockets: number;
}

/** Milliseconds between two looks at the connections of a listener. */
const LOOK = 5_000;

/**
 * Connections that may wait to be accepted, at all sockets together; the kernel has a word in it too (net.core.somaxconn). With Node's 511, some of a
 * thousand agents that come in the same moment are not heard, and try again after one second, and after three.
 */
const BACKLOG = 4096;

/** Binds a listener; answers its base URL. `key` is its section of the configuration. Throws RLY_LISTEN. */
export async function listen(
  { app, connections, sockets }: Listener,
  key: 'agents' | 'admin',
  { host, port, scheme }: { readonly host: string; readonly port: number; readonly scheme: 'http' | 'https' },
  clock: Pick<Clock, 'sleep'>,
): Promise<string> {
  // The kernel spreads connections by chance: each socket has eight times its share.
  const place = { host, port, backlog: Math.ceil(BACKLOG / sockets) * (sockets > 1 ? 8 : 1) };
  const isShared = sockets > 1;
  const acceptors = createAcceptors(place.backlog);
  let closed: Promise<void> | undefined;
  app.addHook('preClose', async () => void (closed = acceptors.close()));
  app.addHook('onClose', async () => closed);
  try {
    if (isShared) await refuseTaken(place);
    const shared = { ...place, reusePort: isShared };
    const url = await app.listen(shared);
    await acceptors.open(app.server, sockets - 1);
    void lookAfter(connections, clock, app.server);
    // Fastify knows nothing of the server it was given.
    return url.replace(/^http:/, `${scheme}:`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RelayError('RLY_LISTEN', { address: `${host}:${port}`, reason, key }, { cause: error });
  }
}

/** Until the server has closed, after its last connection. */
async function lookAfter(connections: Connections, clock: Pick<Clock, 'sleep'>, server: Server): Promise<void> {
  const closed = new AbortController();
  server.once('close', () => closed.abort());
  const slept = (): Promise<boolean> =>
    clock.sleep(LOOK, closed.signal).then(
      () => true,
      () => false,
    );
  while (await slept()) connections.sweep();
}

/** Milliseconds between two looks for connections that are idle by now. */
const SWEEP = 100;

/**
 * Fastify's close waits for every connection: one whose answer has ended meanwhile stays until `keepAliveTimeout`, one
 * whose client stalls for ever. The first kind is closed at once, the second is cut after the drain.
 */
export async function endListening({ app }: Pick<Listener, 'app'>, drain: number): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP);
  const cut = setTimeout(() => app.server.closeAllConnections(), drain);
  await app.close();
  clearInterval(sweep);
  clearTimeout(cut);
}
