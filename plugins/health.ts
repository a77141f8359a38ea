import fp from 'fastify-plugin';

export interface HealthOptions {
  /** Whether there is a generation to serve. Age does not matter here: old patterns protect better than none. */
  readonly ready: () => boolean;
}

/** `/livez`: the process answers. `/readyz`: agents can be served; 503 until the first generation. */
export default fp<HealthOptions>(
  async (app, { ready }) => {
    app.get('/livez', { schema: { summary: 'The process answers.' } }, async () => ({ status: 'ok' }));
    const summary = 'Agents can be served; 503 until the first generation.';
    app.get('/readyz', { schema: { summary } }, async (_request, reply) =>
      ready()
        ? { status: 'ok' }
        : reply.code(503).header('retry-after', '30').send({ status: 'no generation has been mirrored yet' }),
    );
  },
  { name: 'health', fastify: '5.x' },
);
