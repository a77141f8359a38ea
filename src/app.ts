import { endListening, listen } from '../plugins/listening.ts';
import { createScrubber } from '../storage/scrubber.ts';
import { assemble, type AssemblyOptions, type MirrorAssembly } from './app/assembly.ts';
import { followCertificate } from './app/follow-certificate.ts';
import { adminListener, agentsListener } from './app/listeners.ts';
import { createLive } from './app/live.ts';
import { noteStart } from './app/note-start.ts';
import { reload } from './app/reload.ts';
import { readConfigFiles } from './config/config-files.ts';
import type { Config } from './config/schema.ts';
import { createDelivery } from './delivery/delivery.ts';
import { createDomainGuard } from './delivery/domain-guard.ts';
import { createHotMemory } from './delivery/hot-memory.ts';
import { indexFields } from './delivery/index-fields.ts';
import { createOnDemand } from './flight/on-demand.ts';
import { createRepairs } from './mirror/repair.ts';
import { systemClock } from './ports/clock.ts';
import { noteIn } from './ports/notes.ts';
import type { Scrubber } from './ports/scrubber.ts';
import { configuredPullThrough } from './pull-through/configured.ts';
import { createEventStream } from './telemetry/event-stream.ts';
import { createEvents } from './telemetry/events.ts';
import { createMetrics } from './telemetry/metrics.ts';

/** A running relay. */
export interface Relay extends Pick<MirrorAssembly, 'store' | 'upstream' | 'mirror'> {
  readonly scrubber: Scrubber;
  /** Base URLs as bound: `http://127.0.0.1:8080`. */
  readonly agentsUrl: string;
  readonly adminUrl: string;
  /**
   * Takes over what a running relay can of another configuration, for `who`; tells what it took over, and what is for the
   * next start. Throws as `reload` of app/reload.ts does, and then nothing has changed.
   */
  reload(next: Config, who: string): Promise<void>;
  /** Ends the schedule, lets answers under way finish for the drain's time, and gives the store free. */
  close(reason: string): Promise<void>;
}

/** Milliseconds of the drain; the process has 30 s in all. */
const DRAIN = 20_000;

/** Milliseconds between two updates that answers want: each answer wants one, and a source that is away has none. */
const LOOKS_APART = 5000;

/** Share of `agents.memory` for small objects: by default the incrementals and signatures of some releases. */
const SMALL_SHARE = 1 / 4;

/** Starts both listeners, then the schedule. Throws RLY_STORAGE_*, what `readConfigFiles` throws, RLY_LISTEN. */
export async function startRelay(config: Config, options: AssemblyOptions): Promise<Relay> {
  const { clock = systemClock, drain = DRAIN } = options;
  const metrics = createMetrics(() => clock.now());
  const stream = createEventStream(() => clock.now());
  const events = createEvents([...options.listeners, metrics.listener, stream.listener]);
  const live = createLive(config, await readConfigFiles(config));
  const assembly = await assemble(live, { ...options, clock, events }, () => delivery.pinnedGenerations());
  const { store, upstream, mirror, interest, provenance, context, stopped } = assembly;
  const { audit } = store;
  const { self } = context;
  const { serverSection } = config.mirror;
  const memory = config.agents.memory * SMALL_SHARE;
  const hot = createHotMemory(config.agents.memory - memory);
  let lookedAt = -Infinity;
  function lookForUpdate(): void {
    const { sources, health } = context;
    if (clock.monotonic() - lookedAt < LOOKS_APART || sources.every(({ url }) => health.isBenched(url))) return;
    if (mirror.request('schedule')) lookedAt = clock.monotonic();
  }
  const onDemand = createOnDemand({ flights: context.flights, memory: hot, signal: stopped, lookForUpdate }, context);
  const pullThrough = await configuredPullThrough(config.mirror, assembly.order, context);
  const delivery = createDelivery({
    store,
    clock,
    events,
    serverSection,
    memory,
    hot,
    onDemand,
    onAsked: (component) => interest.asked(component),
    pullThrough,
    domainGuard: createDomainGuard(config.mirror, config.agents.allowPlain),
    lookForUpdate,
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

  const parts = { live, delivery, clock, events };
  const agents = agentsListener({ ...parts, self });
  const beside = { pullThrough, scrubber, repairs, metrics, stream, agents: agents.connections };
  const admin = adminListener(assembly, { ...parts, ...beside });
  try {
    const { agentsTls } = live.now().files;
    const agentsUrl = await listen(agents, 'agents', { ...config.agents, scheme: agentsTls ? 'https' : 'http' }, clock);
    const adminUrl = await listen(admin, 'admin', { ...config.admin, scheme: 'http' }, clock);
    events.emit('relay.started', { agents: agentsUrl, admin: adminUrl });
    await noteStart(live, audit, events);
    if (agentsTls) void followCertificate({ ...parts, audit, renew: agents.renew }, stopped);
    mirror.start();
    if (store.recovery.generationLacking !== null) lookForUpdate();
    scrubber.start();
    return {
      scrubber,
      store,
      upstream,
      mirror,
      agentsUrl,
      adminUrl,
      reload: (next, who) => reload(next, who, { live, audit, events, upstream, mirror, agents }),
      async close(reason) {
        events.emit('relay.stopping', { reason });
        await Promise.all([
          endListening(agents, drain).then(() => agents.app.answered()),
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
    await Promise.all([agents.app.close(), admin.app.close()]);
    await assembly.close();
    throw error;
  }
}
