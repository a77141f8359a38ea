import fp from 'fastify-plugin';
import type { Metrics, MetricsView } from '../src/telemetry/metrics.ts';

export interface MetricsOptions {
  readonly metrics: Metrics;
  readonly view: () => MetricsView;
}

/** `/metrics` in the Prometheus text format. */
export default fp<MetricsOptions>(
  async (app, { metrics, view }) => {
    const summary = 'Metrics in the Prometheus text format; docs/reference/metrics.md has their list.';
    app.get('/metrics', { schema: { summary } }, async (_request, reply) => {
      const { contentType, text } = await metrics.render(view());
      return reply.type(contentType).send(text);
    });
  },
  { name: 'metrics', fastify: '5.x' },
);
