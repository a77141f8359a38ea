import fp from 'fastify-plugin';
import type { FastifyError } from 'fastify';
import { refusal } from '../src/delivery/refusal.ts';
import { isRelayError, RelayError } from '../src/errors/relay-error.ts';
import type { Events } from '../src/ports/events.ts';

export interface ErrorHandlerOptions {
  readonly events: Events;
}

/**
 * The one place where an error becomes an HTTP answer. What is no error of the catalogue is a bug: it is told to the
 * log with the request's id, and the client learns the id alone.
 */
export default fp<ErrorHandlerOptions>(
  async (app, { events }) => {
    app.setErrorHandler<FastifyError>((error, request, reply) => {
      const { status, headers, body } = refusal(named(error, request.id, events), request.id);
      return reply.code(status).headers(headers).send(body);
    });
  },
  { name: 'error-handler', fastify: '5.x' },
);

function named(error: FastifyError, requestId: string, events: Events): RelayError {
  if (isRelayError(error)) return error;
  // What Fastify itself refuses: a body that does not parse, or does not fit the schema.
  const { statusCode = 500 } = error;
  if (statusCode >= 400 && statusCode < 500) return new RelayError('RLY_ADMIN_BAD_REQUEST', { reason: error.message });
  events.emit('error.internal', { error: `${requestId}: ${error.stack ?? String(error)}` });
  return new RelayError('RLY_INTERNAL', { reason: `the log tells under ${requestId}` }, { cause: error });
}
