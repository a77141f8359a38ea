import fp from 'fastify-plugin';
import { createGate, type Passage } from '../src/delivery/gate.ts';
import { isRelayError, RelayError } from '../src/errors/relay-error.ts';
import { cameBy } from '../src/ports/via.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the gate let through. */
    passage: Passage;
  }
}

export interface RequestGateOptions {
  /** Addresses and networks of the agents; none: nobody. */
  readonly allow: readonly string[];
  /** Under which this relay sends its own requests: one of them here is a loop. */
  readonly pseudonym: string;
}

/** Puts the gate before every route. What it refuses loses its connection too: what follows on it may be its body. */
export default fp<RequestGateOptions>(
  async (app, { allow, pseudonym }) => {
    const gate = createGate(allow);
    app.decorateRequest('passage');
    app.addHook('onRequest', (request, reply, done) => {
      const { httpVersion, method = '', rawHeaders, socket } = request.raw;
      const verdict = gate({
        httpVersion,
        method,
        url: request.originalUrl,
        rawHeaders,
        remoteAddress: socket.remoteAddress,
      });
      if (isRelayError(verdict)) {
        reply.header('Connection', 'close');
        done(verdict);
        return;
      }
      request.passage = verdict;
      done(cameBy(request.headers.via, pseudonym) ? new RelayError('RLY_LOOP', {}) : undefined);
    });
    // Node answers Expect by itself, with 100 or 417, unless somebody listens.
    for (const event of ['checkContinue', 'checkExpectation']) {
      app.server.on(event, (request, response) => app.server.emit('request', request, response));
    }
  },
  { name: 'request-gate', fastify: '5.x', dependencies: ['error-handler'] },
);
