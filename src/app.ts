import Fastify, { type FastifyInstance } from 'fastify';
import adminApi from '../plugins/admin-api.ts';
import { createAgentsListener } from '../plugins/agents-listener.ts';
import auth from '../plugins/auth.ts';
import errorHandler from '../plugins/error-handler.ts';
import explainApi, { type ExplainApiOptions } from '../plugins/explain-api.ts';
import healthRoutes from '../plugins/health.ts';
import { endListening, listen } from '../plugins/listening.ts';
import metricsRoute from '../plugins/metrics.ts';
import verifyApi from '../plugins/verify-api.ts';
import { openStore } from '../storage/open-store.ts';
import { createScrubber } from '../storage/scrubber.ts';
import { ownAddresses } from './config/own-addresses.ts';
import { readReach } from './config/read-reach.ts';
import { readToken } from './config/read-token.ts';
import type { Config } from './config/schema.ts';
import { createDelivery } from './delivery/delivery.ts';
import { createHotMemory } from './delivery/hot-memory.ts';
import { indexFields } from './delivery/index-fields.ts';
import { LISTENER_OPTIONS } from './delivery/listener-options.ts';
import { createInterest, type Interest } from './fleet/interest.ts';
import { createFlights } from './flight/flights.ts';
import { createOnDemand } from './flight/on-demand.ts';
import type { Allowance } from './mirror/allowance.ts';
import type { UpdateContext } from './mirror/context.ts';
import { dryRun, type DryRun } from './mirror/dry-run.ts';
import { createMirror, type Mirror } from './mirror/mirror.ts';
import { prefetchRule } from './mirror/prefetch.ts';
import { createProvenanceRecord, type ProvenanceRecord } from './mirror/provenance-record.ts';
import { createRepairs, type Repairs } from './mirror/repair.ts';
import type { Attempt } from './policy/decision.ts';
import { relaySources, type RelaySources } from './policy/relay-sources.ts';
import { systemClock, type Clock } from './ports/clock.ts';
import type { Events } from './ports/events.ts';
import { noteIn } from './ports/notes.ts';
import type { Scrubber } from './ports/scrubber.ts';
import type { Store } from './ports/store.ts';
import { configuredPullThrough } from './pull-through/configured.ts';
import { createEvents, type EventListener } from './telemetry/events.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { tellRecovery } from './telemetry/recovery.ts';
import { buildStatus } from './telemetry/status.ts';
import { createUpstream } from './upstream/client.ts';
import { relayName } from './upstream/relay-name.ts';
import { createSourceHealth, type SourceHealth } from './upstream/source-health.ts';
import type { UpstreamLimits } from './upstream/limits.ts';
import type { Upstream } from './upstream/upstream.ts';
import { VERSION } from './version.ts';

export interface AssemblyOptions {
  /** Told everything that happens: the log, a test. */
  readonly listeners: readonly EventListener[];
  readonly clock?: Clock;
  /** Called at each step of an update. */
  readonly onProgress?: () => void;
  /** Replaces single defaults of what sources may do to the relay. */
  readonly limits?: Partial<UpstreamLimits>;
  /** Milliseconds that answers under way get after a stop was asked for; 20 s. */
  readonly drain?: number;
}

/** Store, upstream and mirror without listeners: what `relay update` works with. */
export interface MirrorAssembly {
  readonly context: UpdateContext;
  /** Aborts when it closes. */
  readonly stopped: AbortSignal;
  readonly store: Store;
  readonly upstream: Upstream;
  readonly mirror: Mirror;
  /** Where each kind of item comes from. */
  readonly order: RelaySources;
  /** Where components come from, in order, and how each source has done. */
  readonly sources: readonly Attempt[];
  readonly health: SourceHealth;
  /** What agents here ask for. */
  readonly interest: Interest;
  /** Of what agents get. */
  readonly provenance: ProvenanceRecord;
  readonly dryRun: (signal?: AbortSignal, allow?: Allowance) => Promise<DryRun>;
  close(): Promise<void>;
}

/** A running relay. */
export interface Relay extends Pick<MirrorAssembly, 'store' | 'upstream' | 'mirror'> {
  readonly scrubber: Scrubber;
  /** Base URLs as bound: `http://127.0.0.1:8080`. */
  readonly agentsUrl: string;
  readonly adminUrl: string;
  /** Ends the schedule, lets answers under way finish for the drain's time, and gives the store free. */
  close(reason: string): Promise<void>;
}

/** Milliseconds of the drain; the process has 30 s in all. */
const DRAIN = 20_000;

/** Share of `agents.memory` for small objects: by default the incrementals and signatures of some releases. */
const SMALL_SHARE = 1 / 4;

/** Joins store, upstream and mirror. Throws RLY_STORAGE_*, RLY_CONFIG_REACH_FILE. */
export async function assembleMirror(config: Config, options: AssemblyOptions): Promise<MirrorAssembly> {
  const events = createEvents(options.listeners);
  return assemble(config, { ...options, events }, () => new Set());
}

/** Starts both listeners, then the schedule. Throws RLY_STORAGE_*, RLY_CONFIG_REACH_FILE, RLY_ADMIN_TOKEN_UNUSABLE, RLY_LISTEN. */
export async function startRelay(config: Config, options: AssemblyOptions): Promise<Relay> {
  const { clock = systemClock, drain = DRAIN } = options;
  const metrics = createMetrics(() => clock.now());
  const events = createEvents([...options.listeners, metrics.listener]);
  const token = await readToken(config.admin.tokenFile);
  const assembly = await assemble(config, { ...options, clock, events }, () => delivery.pinnedGenerations());
  const { store, upstream, mirror, interest, provenance, context, stopped } = assembly;
  const { self } = context;
  const { serverSection } = config.mirror;
  const memory = config.agents.memory * SMALL_SHARE;
  const hot = createHotMemory(config.agents.memory - memory);
  const lookForUpdate = (): void => void mirror.request('schedule');
  const onDemand = createOnDemand({ flights: context.flights, memory: hot, signal: stopped, lookForUpdate }, context);
  const pullThrough = await configuredPullThrough(config.mirror, assembly.order, context);
  const { allowPlain } = config.agents;
  const delivery = createDelivery({
    store,
    clock,
    events,
    serverSection,
    memory,
    hot,
    onDemand,
    onAsked: interest.asked,
    pullThrough,
    allowPlain,
    indexFields() {
      const known = provenance.current();
      return known ? indexFields(known, self, clock.now()) : {};
    },
  });

  const { scrub } = config.storage;
  const scrubber = createScrubber({ store, clock, events, note: noteIn(store.notes, 'scrub', events), ...scrub });
  const pinned = (): ReadonlySet<number> => delivery.pinnedGenerations();
  const examine = (): Promise<void> => scrubber.walkNow();
  const repairs = createRepairs({ ...assembly, events, clock, pinned, examine });

  const agents = createAgentsListener({ allow: config.agents.allow, pseudonym: self, delivery, events });
  const admin = adminListener(config, assembly, {
    delivery,
    pullThrough,
    clock,
    scrubber,
    repairs,
    metrics,
    events,
    token,
  });
  try {
    const agentsUrl = await listen(agents, 'agents', config.agents);
    const adminUrl = await listen(admin, 'admin', config.admin);
    events.emit('relay.started', { agents: agentsUrl, admin: adminUrl });
    mirror.start();
    scrubber.start();
    return {
      scrubber,
      store,
      upstream,
      mirror,
      agentsUrl,
      adminUrl,
      async close(reason) {
        events.emit('relay.stopping', { reason });
        await Promise.all([
          endListening(agents, drain).then(() => agents.answered()),
          endListening(admin, drain),
          mirror.stop(),
          scrubber.stop(),
          repairs.stop(),
        ]);
        await pullThrough.close();
        await assembly.close();
        events.emit('relay.stopped', {});
      },
    };
  } catch (error) {
    await Promise.all([agents.close(), admin.close()]);
    await assembly.close();
    throw error;
  }
}

async function assemble(
  config: Config,
  { clock = systemClock, events, onProgress, limits }: AssemblyOptions & { events: Events },
  pinned: () => ReadonlySet<number>,
): Promise<MirrorAssembly> {
  const reach = await readReach(config.sources.reach);
  const store = await openStore(config.storage);
  tellRecovery(store, events);
  const { generations, notes } = store;
  const self = relayName(noteIn(notes, 'instance', events));
  const health = createSourceHealth(clock, noteIn(notes, 'sources', events));
  const interest = createInterest(clock, noteIn(notes, 'interest', events));
  const provenance = createProvenanceRecord(generations, clock, noteIn(notes, 'provenance', events));
  const upstream = createUpstream({
    clock,
    events,
    reach,
    noProxy: noProxyVariable(),
    wan: config.mirror.wan,
    ...(limits && { limits }),
    pseudonym: self,
    health,
  });
  const order = relaySources(config.sources, ownAddresses());
  const programSources = config.mirror.items.programs ? order.programs : [];
  const sources = order.components;
  const flightContext = { store, upstream, clock, events, health, self, sources, programSources };
  const flights = createFlights(flightContext);
  const context: UpdateContext = {
    ...flightContext,
    flights,
    prefetches: prefetchRule(config.mirror.prefetch, interest.idle),
    pinned,
    provenance,
  };
  const mirror = createMirror({
    ...context,
    every: config.mirror.every,
    ...(onProgress && { onProgress }),
  });
  const stopped = new AbortController();
  return {
    context,
    stopped: stopped.signal,
    store,
    upstream,
    mirror,
    order,
    sources,
    health,
    interest,
    provenance,
    dryRun: (signal = stopped.signal, allow) =>
      dryRun({ ...context, allow }, AbortSignal.any([signal, stopped.signal])),
    async close() {
      stopped.abort();
      await mirror.stop();
      await flights.landed();
      await upstream.close();
      await store.close();
    },
  };
}

/** Which hosts are reached without a proxy. Programs differ in how they write it; curl takes both. */
function noProxyVariable(): string {
  return process.env['NO_PROXY'] ?? process.env['no_proxy'] ?? '';
}

function adminListener(
  config: Config,
  assembly: MirrorAssembly,
  parts: Omit<ExplainApiOptions, 'settings' | 'addresses' | 'generations'> & {
    readonly scrubber: Scrubber;
    readonly repairs: Repairs;
    readonly metrics: Metrics;
    readonly events: Events;
    readonly token: string | null;
  },
): FastifyInstance {
  const { scrubber, repairs, metrics, events, token, ...explained } = parts;
  const { store, upstream, mirror, provenance, dryRun: plan } = assembly;
  const status = (): ReturnType<typeof buildStatus> => buildStatus({ version: VERSION, scrubber, ...assembly });
  const app = Fastify(LISTENER_OPTIONS);
  app.register(errorHandler, { events });
  app.register(auth, { token });
  app.register(healthRoutes, { ready: () => store.generations.current() !== undefined });
  app.register(metricsRoute, {
    metrics,
    view: () => ({
      generation: store.generations.current() ?? null,
      confirmedAt: provenance.current()?.confirmedAt ?? null,
      storageBytes: store.usage().bytes,
      lastWalkAt: scrubber.view().lastWalkAt,
      upstream: upstream.received.rows(),
    }),
  });
  app.register(adminApi, {
    status,
    events,
    dryRun: (allow) => plan(undefined, allow),
    startUpdate: (allow) => mirror.request('administrator', allow),
  });
  app.register(verifyApi, { repairs, events });
  const { generations } = store;
  app.register(explainApi, {
    settings: config.sources,
    addresses: ownAddresses,
    generations,
    ...explained,
  });
  return app;
}
