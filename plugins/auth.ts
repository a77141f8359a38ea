import { createHash, timingSafeEqual } from 'node:crypto';
import fp from 'fastify-plugin';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { clientAddress } from '../src/delivery/client-address.ts';
import { createLockOut } from '../src/delivery/lock-out.ts';
import { RelayError } from '../src/errors/relay-error.ts';
import type { Clock } from '../src/ports/clock.ts';
import type { Events } from '../src/ports/events.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Guards a route that changes something: the configured bearer token, or no way in. */
    requireToken: onRequestHookHandler;
  }
}

export interface AuthOptions {
  /** The admin token now, or null where none is configured: then nothing can be changed over the network. */
  readonly token: () => string | null;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly events: Events;
}

/** Decorates the instance with `requireToken`. */
export default fp<AuthOptions>(
  async (app, { token, clock, events }) => {
    const lockOut = createLockOut(clock);

    function refusalOf({ headers, raw }: FastifyRequest): RelayError | undefined {
      const expected = token();
      if (expected === null) return new RelayError('RLY_ADMIN_READ_ONLY', {});
      const address = clientAddress(raw.socket.remoteAddress);
      const wait = lockOut.wait(address);
      // The right one too: an answer that tells it from wrong ones is what a guesser wants.
      if (wait > 0) return new RelayError('RLY_ADMIN_LOCKED_OUT', { address, seconds: Math.ceil(wait / 1000) });
      const given = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
      // Digests have one length, so the comparison takes one time whatever was sent.
      if (timingSafeEqual(digest(given), digest(expected))) {
        lockOut.succeeded(address);
        return undefined;
      }
      events.emit('admin.unauthorized', { address });
      if (lockOut.failed(address)) {
        const seconds = Math.ceil(lockOut.wait(address) / 1000);
        events.emit('admin.locked-out', { address, seconds });
      }
      return new RelayError('RLY_ADMIN_UNAUTHORIZED', {});
    }

    const requireToken: onRequestHookHandler = (request, _reply, done) => done(refusalOf(request));
    app.decorate('requireToken', requireToken);
  },
  { name: 'auth', fastify: '5.x' },
);

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
