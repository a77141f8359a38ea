import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import fp from 'fastify-plugin';
import type { onRequestHookHandler } from 'fastify';
import { RelayError } from '../src/errors/relay-error.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Guards a route that changes something: the configured bearer token, or no way in. */
    requireToken: onRequestHookHandler;
  }
}

export interface AuthOptions {
  /** The admin token, or null where none is configured: then nothing can be changed over the network. */
  readonly token: string | null;
}

/** Decorates the instance with `requireToken`. */
export default fp<AuthOptions>(
  async (app, { token }) => {
    const expected = token === null ? null : digest(token);
    const requireToken: onRequestHookHandler = (request, _reply, done) => done(refusalOf(request.headers, expected));
    app.decorate('requireToken', requireToken);
  },
  { name: 'auth', fastify: '5.x' },
);

function refusalOf({ authorization = '' }: IncomingHttpHeaders, expected: Buffer | null): RelayError | undefined {
  if (!expected) return new RelayError('RLY_ADMIN_READ_ONLY', {});
  const given = /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';
  // Digests have one length, so the comparison takes one time whatever was sent.
  return timingSafeEqual(digest(given), expected) ? undefined : new RelayError('RLY_ADMIN_UNAUTHORIZED', {});
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
