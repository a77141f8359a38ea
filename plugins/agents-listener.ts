import type { IncomingMessage } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Delivery } from '../src/delivery/delivery.ts';
import type { Downloads } from '../src/delivery/downloads.ts';
import type { Gate } from '../src/delivery/gate.ts';
import { AGENTS_LISTENER_OPTIONS } from '../src/delivery/listener-options.ts';
import { createRequestListener, type AgentsListener } from '../src/delivery/request-listener.ts';
import type { GuardedServer } from '../src/delivery/guarded-server.ts';
import type { Events } from '../src/ports/events.ts';
import errorHandler from './error-handler.ts';
import refusals from './refusals.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** See AgentsListener. */
    answered: AgentsListener['answered'];
  }
}

export interface AgentsListenerOptions {
  readonly gate: Gate<'GET' | 'HEAD'>;
  readonly pseudonym: string;
  readonly delivery: Delivery;
  readonly downloads: Downloads;
  readonly server: GuardedServer;
  readonly events: Events;
}

/**
 * The listener of the agents. Its server hands requests to `createRequestListener`, and Fastify, which costs as much as all the rest
 * of a small answer, gets those that are refused. It has no routes: the delivery's tables know all paths.
 */
export function createAgentsListener(options: AgentsListenerOptions): FastifyInstance {
  const { delivery, server, events } = options;
  let count = 0;
  const nextId = (): string => `req-${(count += 1).toString(36)}`;
  const reasons = new WeakMap<IncomingMessage, unknown>();
  let agents: AgentsListener | undefined;

  const app = Fastify({
    ...AGENTS_LISTENER_OPTIONS,
    clientErrorHandler: server.clientErrorHandler(options.gate),
    genReqId: nextId,
    serverFactory(refuse) {
      agents = createRequestListener({ ...options, nextId }, (request, response, reason) => {
        reasons.set(request, reason);
        refuse(request, response);
      });
      return server.factory(agents.listener);
    },
  });
  app.register(errorHandler, { events });
  app.register(refusals, {
    reasonOf: (request) => reasons.get(request),
    generation: () => delivery.generation(),
    events,
  });
  app.addHook('preClose', async () => agents?.closing());
  app.decorate('answered', async () => agents?.answered());
  return app;
}
