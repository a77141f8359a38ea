import { Counter, Gauge, Registry } from 'prom-client';
import type { EventListener } from './events.ts';

/** What the gauges show, read when somebody scrapes. */
export interface MetricsView {
  /** Null while there is none. */
  readonly generation: { readonly number: number; readonly publishedAt: string } | null;
  readonly storageBytes: number;
  /** Body bytes received from upstream so far. */
  readonly upstream: readonly { readonly source: string; readonly kind: string; readonly bytes: number }[];
}

export interface Metrics {
  /** Counts from the event stream. */
  readonly listener: EventListener;
  /** Prometheus text exposition, and its content type. */
  render(view: MetricsView): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** The metrics of the contract, prefix `relay_`. One registry a relay: a process may hold several. */
export function createMetrics(now: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]): Counter<L> =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });

  const upstreamBytes = counter('relay_upstream_bytes_total', 'Body bytes received from update sources.', [
    'source',
    'kind',
  ]);
  const agentBytes = counter('relay_agent_bytes_total', 'Body bytes sent to agents.', ['kind', 'cache']);
  const requests = counter('relay_requests_total', 'Requests of agents answered.', ['status', 'kind']);
  const updates = counter('relay_update_total', 'Updates by what they came to.', ['result']);
  const generation = gauge('relay_generation', 'Number of the generation agents get; 0 before the first.');
  const age = gauge('relay_generation_age_seconds', 'Seconds since that generation was published.');
  const storage = gauge('relay_storage_bytes', 'Bytes held by blobs.');
  for (const result of ['published', 'unchanged', 'failed']) updates.inc({ result }, 0);

  const listener: EventListener = (name, fields) => {
    switch (name) {
      case 'update.published':
        return updates.inc({ result: 'published' });
      case 'update.unchanged':
        return updates.inc({ result: 'unchanged' });
      case 'update.failed':
        return updates.inc({ result: 'failed' });
      case 'agent.answered': {
        const { status, kind, cache, bytes } = fields as Record<string, string | number>;
        requests.inc({ status: String(status), kind: String(kind) });
        agentBytes.inc({ kind: String(kind), cache: String(cache) }, Number(bytes));
        return undefined;
      }
      default:
        return undefined;
    }
  };

  return {
    listener,
    async render(view) {
      generation.set(view.generation?.number ?? 0);
      if (view.generation) age.set(Math.max(0, (now() - Date.parse(view.generation.publishedAt)) / 1000));
      storage.set(view.storageBytes);
      upstreamBytes.reset();
      for (const { source, kind, bytes } of view.upstream) upstreamBytes.inc({ source, kind }, bytes);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
