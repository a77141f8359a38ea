import { openStore } from '../../storage/open-store.ts';
import { readReach } from '../config/read-reach.ts';
import type { Config } from '../config/schema.ts';
import { createInterest, type Interest } from '../fleet/interest.ts';
import { createFlights } from '../flight/flights.ts';
import type { Allowance } from '../mirror/allowance.ts';
import { dryRun, type DryRun } from '../mirror/dry-run.ts';
import { createMirror, type Mirror, type MirrorOptions } from '../mirror/mirror.ts';
import { prefetchRule } from '../mirror/prefetch.ts';
import { createProvenanceRecord, type ProvenanceRecord } from '../mirror/provenance-record.ts';
import type { Attempt } from '../policy/decision.ts';
import type { RelaySources } from '../policy/relay-sources.ts';
import { systemClock, type Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import { noteIn } from '../ports/notes.ts';
import type { Store } from '../ports/store.ts';
import { createEvents, type EventListener } from '../telemetry/events.ts';
import { tellRecovery } from '../telemetry/recovery.ts';
import { createUpstream } from '../upstream/client.ts';
import { relayName } from '../upstream/relay-name.ts';
import { createSourceHealth, type SourceHealth } from '../upstream/source-health.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { UpstreamLimits } from '../upstream/limits.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { createLive, liveOrder, type Live } from './live.ts';

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
  readonly context: MirrorOptions;
  /** Aborts when it closes. */
  readonly stopped: AbortSignal;
  readonly store: Store;
  readonly upstream: Upstream;
  readonly mirror: Mirror;
  /** Where each kind of item comes from, now. */
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

/** Joins store, upstream and mirror. Throws RLY_STORAGE_*, RLY_CONFIG_REACH_FILE. */
export async function assembleMirror(config: Config, options: AssemblyOptions): Promise<MirrorAssembly> {
  const events = createEvents(options.listeners);
  const files = { token: null, agentsTls: null, reach: await readReach(config.sources.reach) };
  return assemble(createLive(config, files), { ...options, events }, () => new Set());
}

/** The same for what may change while it runs. `pinned`: generations that agents may still be working from. Throws RLY_STORAGE_*. */
export async function assemble(
  live: Live,
  { clock = systemClock, events, onProgress, limits }: AssemblyOptions & { events: Events },
  pinned: () => ReadonlySet<number>,
): Promise<MirrorAssembly> {
  const { config, files } = live.now();
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
    reach: files.reach,
    noProxy: noProxyVariable(),
    wan: config.mirror.wan,
    ...(limits && { limits }),
    pseudonym: self,
    health,
  });
  const order = liveOrder(live);
  const programs = (): readonly UpdateSource[] => (live.now().config.mirror.items.programs ? order.programs : []);
  const flights = createFlights({
    store,
    upstream,
    clock,
    events,
    health,
    self,
    get sources() {
      return order.components;
    },
    get programSources() {
      return programs();
    },
  });
  const context: MirrorOptions = {
    store,
    upstream,
    clock,
    events,
    health,
    self,
    flights,
    pinned,
    provenance,
    ...(onProgress && { onProgress }),
    get sources() {
      return order.components;
    },
    get programSources() {
      return programs();
    },
    get prefetches() {
      return prefetchRule(live.now().config.mirror.prefetch, (component) => interest.idle(component));
    },
    get every() {
      return live.now().config.mirror.every;
    },
  };
  const mirror = createMirror(context);
  const stopped = new AbortController();
  return {
    context,
    stopped: stopped.signal,
    store,
    upstream,
    mirror,
    order,
    get sources() {
      return order.components;
    },
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
