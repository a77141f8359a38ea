import type { IncomingMessage } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import { createAgentsServer } from '../src/delivery/agents-server.ts';
import type { Delivery } from '../src/delivery/delivery.ts';
import { createGate } from '../src/delivery/gate.ts';
import { AGENTS_LISTENER_OPTIONS } from '../src/delivery/listener-options.ts';
import { createRequestListener, type AgentsListener } from '../src/delivery/request-listener.ts';
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
  /** Addresses and networks of the agents; none: nobody. */
  readonly allow: readonly string[];
  readonly pseudonym: string;
  readonly delivery: Delivery;
  readonly events: Events;
}

/**
 * The listener of the agents. Its server hands requests to `createRequestListener`, and Fastify, which costs as much as all the rest
 * of a small answer, gets those that are refused. It has no routes: the delivery's tables know all paths.
 */
export function createAgentsListener({ allow, pseudonym, delivery, events }: AgentsListenerOptions): FastifyInstance {
  let count = 0;
  const nextId = (): string => `req-${(count += 1).toString(36)}`;
  const reasons = new WeakMap<IncomingMessage, unknown>();
  const gate = createGate(allow);
  let agents: AgentsListener | undefined;

  const app = Fastify({
    ...AGENTS_LISTENER_OPTIONS,
    genReqId: nextId,
    serverFactory(refuse) {
      agents = createRequestListener({ gate, pseudonym, delivery, events, nextId }, (request, response, reason) => {
        reasons.set(request, reason);
        refuse(request, response);
      });
      return createAgentsServer(agents.listener);
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
