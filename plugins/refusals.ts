import type { IncomingMessage } from 'node:http';
import fp from 'fastify-plugin';
import { clientAddress } from '../src/delivery/client-address.ts';
import { shownPath } from '../src/delivery/shown-path.ts';
import type { Events } from '../src/ports/events.ts';

export interface RefusalsOptions {
  /** Why this request came here. */
  readonly reasonOf: (request: IncomingMessage) => unknown;
  /** The current generation's number. */
  readonly generation: () => number;
  readonly events: Events;
}

/** What the request listener hands over is answered by the error handler, whatever it asks for; and told like every answer. */
export default fp<RefusalsOptions>(
  async (app, { reasonOf, generation, events }) => {
    app.addHook('onRequest', (request, _reply, done) => done(reasonOf(request.raw) as Error));
    app.addHook('onSend', (request, reply, _payload, done) => {
      const number = generation();
      reply.header('X-Relay-Generation', number);
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
        generation: number,
      });
      done();
    });
  },
  { name: 'refusals', fastify: '5.x', dependencies: ['error-handler'] },
);
