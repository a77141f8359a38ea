import { createServer, type RequestListener, type Server } from 'node:http';
import { AGENTS_LISTENER_OPTIONS } from './listener-options.ts';

/** Node's server for agents, with the limits of AGENTS_LISTENER_OPTIONS, which Fastify sets on servers of its own only. */
export function createAgentsServer(listener: RequestListener): Server {
  const { http, requestTimeout, keepAliveTimeout, connectionTimeout } = AGENTS_LISTENER_OPTIONS;
  // A body is refused by its fields; nobody waits for one.
  const server = createServer({ ...http, requestTimeout, keepAliveTimeout, optimizeEmptyRequests: true }, listener);
  server.setTimeout(connectionTimeout);
  // Node answers Expect by itself, with 100 or 417, unless somebody listens.
  for (const event of ['checkContinue', 'checkExpectation']) server.on(event, listener);
  return server;
}
