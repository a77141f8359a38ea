import Fastify from 'fastify';
import adminApi from '../../plugins/admin-api.ts';
import { createAgentsListener } from '../../plugins/agents-listener.ts';
import auth from '../../plugins/auth.ts';
import errorHandler from '../../plugins/error-handler.ts';
import eventsApi from '../../plugins/events-api.ts';
import explainApi from '../../plugins/explain-api.ts';
import healthRoutes from '../../plugins/health.ts';
import inventoryApi from '../../plugins/inventory-api.ts';
import metricsRoute from '../../plugins/metrics.ts';
import type { Listener } from '../../plugins/listening.ts';
import notFound from '../../plugins/not-found.ts';
import openapi from '../../plugins/openapi.ts';
import type { MirrorAssembly } from './assembly.ts';
import verifyApi from '../../plugins/verify-api.ts';
import { certificateExpiries } from '../config/config-files.ts';
import { ownAddresses } from '../config/own-addresses.ts';
import { listeningSockets } from '../delivery/acceptors.ts';
import { ADMIN_CONNECTIONS, connectionLimits, openFilesLimit } from '../delivery/connection-limits.ts';
import { createConnections, type Connections } from '../delivery/connections.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { createDownloads } from '../delivery/downloads.ts';
import { gatedHandler } from '../delivery/gated-handler.ts';
import { AGENTS_LISTENER_OPTIONS, LISTENER_OPTIONS } from '../delivery/listener-options.ts';
import { guardedServer, type GuardedServer } from '../delivery/guarded-server.ts';
import { createThrottled } from '../delivery/throttled.ts';
import type { Live } from './live.ts';
import type { Repairs } from '../mirror/repair.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { PullThrough } from '../ports/pull-through.ts';
import type { Scrubber } from '../ports/scrubber.ts';
import { noteChange } from '../telemetry/changes.ts';
import type { EventStream } from '../telemetry/event-stream.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { listSources } from '../telemetry/sources.ts';
import { buildStatus } from '../telemetry/status.ts';
import { VERSION } from '../version.ts';

interface Parts {
  readonly live: Live;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly events: Events;
}

interface AdminParts extends Parts {
  readonly pullThrough: PullThrough;
  readonly scrubber: Scrubber;
  readonly repairs: Repairs;
  readonly metrics: Metrics;
  readonly stream: EventStream;
  /** The connections of agents, to be counted. */
  readonly agents: Pick<Connections, 'open'>;
}

/** The listener of the agents, whose certificate may be renewed. */
export interface AgentsListener extends Listener, Pick<GuardedServer, 'renew'> {}

/** The listener that serves agents; not listening yet. */
export function agentsListener({ live, delivery, clock, events, self }: Parts & { self: string }): AgentsListener {
  const { config, files } = live.now();
  const openFiles = openFilesLimit();
  const limits = connectionLimits(config.agents, openFiles);
  const connections = createConnections({ listener: 'agents', limits, clock, events });
  const failures = createThrottled<{ address: string; error: string }>(clock, (latest, count) => {
    events.emit('tls.failed', { listener: 'agents', count, ...latest });
  });
  const { clientCertificates } = config.agents.tls;
  const server = guardedServer({
    options: AGENTS_LISTENER_OPTIONS,
    connections,
    tls: files.agentsTls && { files: files.agentsTls, clientCertificates },
    tlsFailed: (address, error) => failures.add({ address, error }),
  });
  const app = createAgentsListener({
    gate: (head) => live.now().agentsGate(head),
    pseudonym: self,
    delivery,
    downloads: createDownloads((address) => live.now().downloadLimit(address)),
    events,
    server,
  });
  return { app, connections, sockets: listeningSockets(openFiles), renew: server.renew };
}

/** The listener for administration; not listening yet. */
export function adminListener(
  assembly: MirrorAssembly,
  { live, delivery, pullThrough, scrubber, repairs, metrics, stream, clock, events, agents }: AdminParts,
): Listener {
  const { store, upstream, mirror, provenance, dryRun: plan } = assembly;
  const { generations } = store;
  const connections = createConnections({ listener: 'admin', limits: ADMIN_CONNECTIONS, clock, events });
  const server = guardedServer({ options: LISTENER_OPTIONS, connections });
  const app = Fastify({
    ...LISTENER_OPTIONS,
    clientErrorHandler: server.clientErrorHandler((head) => live.now().adminGate(head)),
    serverFactory: (handler) => server.factory(gatedHandler(() => live.now().adminGate, events, handler)),
  });
  app.register(errorHandler, { events });
  app.register(notFound);
  app.register(openapi, { version: VERSION });
  // The API takes JSON and nothing else.
  app.removeContentTypeParser('text/plain');
  app.register(auth, { token: () => live.now().files.token, clock, events });
  app.register(healthRoutes, { ready: () => generations.current() !== undefined });
  app.register(metricsRoute, {
    metrics,
    view: () => ({
      generation: generations.current() ?? null,
      confirmedAt: provenance.current()?.confirmedAt ?? null,
      storageBytes: store.usage().bytes,
      lastWalkAt: scrubber.view().lastWalkAt,
      upstream: upstream.received.rows(),
      connections: { agents: agents.open(), admin: connections.open() },
      certificates: certificateExpiries(live.now().files),
    }),
  });
  const status = (): ReturnType<typeof buildStatus> => buildStatus({ version: VERSION, scrubber, ...assembly });
  // What comes of it is known long after the answer: the log tells, and the list of generations.
  const note = (who: string, what: string): Promise<void> => {
    const before = { generation: generations.current()?.number ?? null };
    return noteChange(store.audit, events, { who, what, before, after: null });
  };
  app.register(adminApi, {
    status,
    note,
    dryRun: (allow) => plan(undefined, allow),
    startUpdate: (begin, allow) => mirror.requestNoted(begin, allow),
  });
  app.register(verifyApi, { repairs, note });
  app.register(inventoryApi, {
    store,
    inUse: () => delivery.pinnedGenerations(),
    sources: (query) => listSources(assembly.order, assembly.health, clock.now(), query),
  });
  app.register(eventsApi, { stream });
  app.register(explainApi, {
    settings: () => live.now().config.sources,
    addresses: ownAddresses,
    delivery,
    generations,
    pullThrough,
    clock,
  });
  return { app, connections, sockets: 1 };
}
