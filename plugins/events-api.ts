import fp from 'fastify-plugin';
import { Type } from 'typebox';
import { RelayError } from '../src/errors/relay-error.ts';
import type { EventStream } from '../src/telemetry/event-stream.ts';

export interface EventsApiOptions {
  readonly stream: EventStream;
}

/** Clients at a time: people with a console open. Programs read the log. */
const MOST_CLIENTS = 8;

/** Bytes a client may be behind; then it is cut, and comes back. */
const MOST_BEHIND = 256 * 1024;

/** Milliseconds between two signs of life: a quarter of what a connection may stand still. */
const BEAT = 15_000;

/** `GET /api/v1/events`: what happens from now on, as server-sent events (HTML §9.2). */
export default fp<EventsApiOptions>(
  async (app, { stream }) => {
    /** Each ends one of them. */
    const clients = new Set<() => void>();

    const schema = {
      summary: 'What happens from now on, as server-sent events; docs/reference/events.md has their list.',
      response: {
        200: { description: 'Default Response', content: { 'text/event-stream': { schema: Type.String() } } },
      },
    };
    app.get('/api/v1/events', { schema }, (_request, reply) => {
      if (clients.size >= MOST_CLIENTS) throw new RelayError('RLY_ADMIN_TOO_MANY_STREAMS', { limit: MOST_CLIENTS });
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      const write = (text: string): void => {
        if (raw.writableLength > MOST_BEHIND) leave();
        else raw.write(text);
      };
      const unsubscribe = stream.subscribe(write);
      const beat = setInterval(() => write(':\n\n'), BEAT);
      /** Nothing may be written any more. */
      const forget = (): void => {
        clearInterval(beat);
        unsubscribe();
        clients.delete(end);
      };
      const leave = (): void => {
        forget();
        raw.destroy();
      };
      const end = (): void => {
        forget();
        raw.end();
      };
      clients.add(end);
      raw.once('close', forget);
      // The head leaves with the first byte, and the client is told to come back after 5 s.
      write('retry: 5000\n\n');
    });

    // They would be waited for.
    app.addHook('preClose', async () => {
      for (const end of clients) end();
    });
  },
  { name: 'events-api', fastify: '5.x', dependencies: ['error-handler'] },
);
