import fp from 'fastify-plugin';
import type { Delivery } from '../src/delivery/delivery.ts';
import { clientAddress } from '../src/delivery/gate.ts';
import { createInTurn } from '../src/delivery/in-turn.ts';
import { createSendAnswer } from '../src/delivery/send-answer.ts';
import { shownPath } from '../src/delivery/shown-path.ts';
import type { Events } from '../src/ports/events.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Resolves when no answer is under way any more: what it read from is closed, and its event is told. */
    answered: () => Promise<void>;
  }
}

export interface AgentRoutesOptions {
  readonly delivery: Delivery;
  readonly events: Events;
}

/**
 * Hands what passed the gate to the delivery and writes its answers, past Fastify's reply: they have all their fields,
 * and buffers that are used again cannot go through a stream. One route, as the delivery's tables know all paths.
 */
export default fp<AgentRoutesOptions>(
  async (app, { delivery, events }) => {
    const send = createSendAnswer(events);
    const inTurn = createInTurn();
    const underWay = new Set<Promise<void>>();
    app.decorate('answered', async () => void (await Promise.allSettled(underWay)));

    app.route({
      method: ['GET', 'HEAD'],
      url: '/',
      async handler(request, reply) {
        const connection = request.raw.socket;
        const answering = inTurn(connection, async () => {
          const { id, headers, passage } = request;
          const secure = 'encrypted' in connection;
          const answer = await delivery.answer({ id, headers, connection, secure, ...passage });
          reply.hijack();
          const sent = await send(reply.raw, answer);
          const { status, kind, cache, generation } = answer;
          const path = shownPath(passage.path);
          events.emit('agent.answered', { ...passage, path, status, ...sent, kind, cache, generation });
        });
        underWay.add(answering);
        await answering.finally(() => underWay.delete(answering));
        return reply;
      },
    });

    // Only what the error handler sends comes by here: refusals of the gate, and bugs.
    app.addHook('onSend', (request, reply, _payload, done) => {
      const generation = delivery.generation();
      reply.header('X-Relay-Generation', generation);
      const length = request.method === 'HEAD' ? 0 : Number(reply.getHeader('Content-Length'));
      events.emit('agent.answered', {
        address: clientAddress(request.raw.socket.remoteAddress),
        method: request.method,
        path: shownPath(request.originalUrl),
        status: reply.statusCode,
        bytes: length,
        length,
        kind: 'none',
        cache: 'none',
        generation,
      });
      done();
    });
  },
  { name: 'agent-routes', fastify: '5.x', dependencies: ['request-gate'] },
);
