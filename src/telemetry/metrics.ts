import { Counter, Gauge, Registry } from 'prom-client';
import type { ErrorCode } from '../errors/catalogue.ts';
import type { EventFields, EventName } from '../ports/events.ts';
import type { EventListener } from './events.ts';
import { createTally } from './tally.ts';

/** What the gauges show, read when somebody scrapes. */
export interface MetricsView {
  /** Null while there is none. */
  readonly generation: { readonly number: number; readonly publishedAt: string } | null;
  /** When its index was last known to be what the origin has; ms since the epoch, null while there is none. */
  readonly confirmedAt: number | null;
  readonly storageBytes: number;
  /** When the last whole walk of the scrubber began: ISO 8601; null before the first. */
  readonly lastWalkAt: string | null;
  /** Body bytes received from upstream so far. */
  readonly upstream: readonly { readonly source: string; readonly kind: string; readonly bytes: number }[];
  /** Open now, by listener. */
  readonly connections: Readonly<Record<string, number>>;
  /** By the key that names it; ms since the epoch. */
  readonly certificates: readonly { readonly key: string; readonly expiresAt: number }[];
}

export interface Metrics {
  /** Counts from the event stream. */
  readonly listener: EventListener;
  /** Prometheus text exposition, and its content type. */
  render(view: MetricsView): Promise<{ readonly contentType: string; readonly text: string }>;
}

const UPDATE_RESULTS = new Map<EventName, string>([
  ['update.published', 'published'],
  ['update.unchanged', 'unchanged'],
  ['update.waiting', 'waiting'],
  ['update.failed', 'failed'],
]);

/** The errors an alarm can be about. */
const ALARMS: readonly ErrorCode[] = ['RLY_UPDATE_OLDER', 'RLY_UPDATE_SHRUNK', 'RLY_UPSTREAM_EQUIVOCATION'];

/** The metrics of the contract, prefix `relay_`. One registry a relay: a process may hold several. */
export function createMetrics(now: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]): Counter<L> =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []): Gauge<L> =>
    new Gauge({ name, help, labelNames, registers });

  const upstreamBytes = counter(
    'relay_upstream_bytes_total',
    'Body bytes received, by update source and kind of item.',
    ['source', 'kind'],
  );
  const agentBytes = counter(
    'relay_agent_bytes_total',
    'Body bytes sent to agents, by kind of object and by where it came from.',
    ['kind', 'cache'],
  );
  const requests = counter('relay_requests_total', 'Requests of agents answered, by status and kind of object.', [
    'status',
    'kind',
  ]);
  const updates = counter('relay_update_total', 'Updates, by what they came to.', ['result']);
  const alarms = counter(
    'relay_alarms_total',
    'Times a source offered what was refused as a forgery would be, by error.',
    ['error'],
  );
  const generation = gauge('relay_generation', 'Number of the generation agents get; 0 before the first.');
  const age = gauge(
    'relay_generation_age_seconds',
    'Seconds since that generation was published; none before the first.',
  );
  const indexAge = gauge(
    'relay_index_age_seconds',
    'Seconds since its index was last known to be what the origin has, through all tiers; none before the first.',
  );
  const storage = gauge('relay_storage_bytes', 'Bytes held by blobs.');
  const scrubbed = counter('relay_scrub_bytes_total', 'Bytes read by walks over the store that came to their end.', []);
  const broken = counter(
    'relay_blobs_broken_total',
    'Blobs found damaged, by such walks and when agents asked for them.',
    [],
  );
  const scrubAge = gauge(
    'relay_scrub_age_seconds',
    'Seconds since the last whole walk over the store began; none before the first.',
  );
  const connections = gauge('relay_connections', 'Open connections, by listener.', ['listener']);
  const ended = counter(
    'relay_connections_ended_total',
    'Connections the relay did not put up with, by listener and reason.',
    ['listener', 'reason'],
  );
  const expiry = gauge(
    'relay_certificate_expiry_seconds',
    'Seconds until a certificate is no longer valid, by the key that names its file; below 0 when it has expired.',
    ['key'],
  );
  const unauthorized = counter('relay_admin_unauthorized_total', 'Requests to change something without the token.', []);
  // From the first scrape on: a rate needs a beginning.
  for (const result of UPDATE_RESULTS.values()) updates.inc({ result }, 0);
  for (const error of ALARMS) alarms.inc({ error }, 0);

  const secondsSince = (time: string): number => Math.max(0, (now() - Date.parse(time)) / 1000);
  const answers = createTally();
  const sent = createTally();

  const listener: EventListener = (name, fields) => {
    if (name === 'agent.answered') {
      const { status, kind, cache, bytes } = fields as EventFields<'agent.answered'>;
      answers.add(String(status), String(kind), 1);
      sent.add(String(kind), String(cache), Number(bytes));
      return;
    }
    const result = UPDATE_RESULTS.get(name);
    if (result) updates.inc({ result });
    if (name === 'blob.broken') broken.inc();
    if (name === 'store.scrubbed') scrubbed.inc(Number((fields as EventFields<'store.scrubbed'>).bytes));
    if (name === 'source.suspect') alarms.inc({ error: String((fields as EventFields<'source.suspect'>).code) });
    if (name === 'admin.unauthorized') unauthorized.inc();
    if (name === 'connections.ended') {
      const { listener: at, reason, count } = fields as EventFields<'connections.ended'>;
      ended.inc({ listener: String(at), reason: String(reason) }, Number(count));
    }
  };

  return {
    listener,
    async render(view) {
      generation.set(view.generation?.number ?? 0);
      // Not 0: an alarm on age would take no generation at all for a fresh one.
      for (const ages of [age, indexAge, scrubAge]) ages.remove();
      if (view.confirmedAt !== null) indexAge.set(Math.max(0, (now() - view.confirmedAt) / 1000));
      if (view.generation) age.set(secondsSince(view.generation.publishedAt));
      if (view.lastWalkAt !== null) scrubAge.set(secondsSince(view.lastWalkAt));
      storage.set(view.storageBytes);
      requests.reset();
      for (const { first: status, second: kind, sum } of answers.rows) requests.inc({ status, kind }, sum);
      agentBytes.reset();
      for (const { first: kind, second: cache, sum } of sent.rows) agentBytes.inc({ kind, cache }, sum);
      upstreamBytes.reset();
      for (const { source, kind, bytes } of view.upstream) upstreamBytes.inc({ source, kind }, bytes);
      for (const [at, open] of Object.entries(view.connections)) connections.set({ listener: at }, open);
      expiry.reset();
      for (const { key, expiresAt } of view.certificates) expiry.set({ key }, (expiresAt - now()) / 1000);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
