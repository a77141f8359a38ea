import type { FastifyInstance } from 'fastify';
import { RelayError } from '../src/errors/relay-error.ts';

/** Binds a listener; answers its base URL. `key` is its section of the configuration. Throws RLY_LISTEN. */
export async function listen(
  app: FastifyInstance,
  key: 'agents' | 'admin',
  at: { host: string; port: number },
): Promise<string> {
  try {
    return await app.listen({ host: at.host, port: at.port });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RelayError('RLY_LISTEN', { address: `${at.host}:${at.port}`, reason, key }, { cause: error });
  }
}

/** Milliseconds between two looks for connections that are idle by now. */
const SWEEP = 100;

/**
 * Fastify's close waits for every connection: one whose answer has ended meanwhile stays until `keepAliveTimeout`, one
 * whose client stalls for ever. The first kind is closed at once, the second is cut after the drain.
 */
export async function endListening(app: FastifyInstance, drain: number): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP);
  const cut = setTimeout(() => app.server.closeAllConnections(), drain);
  await app.close();
  clearInterval(sweep);
  clearTimeout(cut);
}
