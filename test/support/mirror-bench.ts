import type { Test } from 'tap';
import type { FlightContext } from '../../src/flight/context.ts';
import { createFlights } from '../../src/flight/flights.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue, type Release } from '../../src/lab/release.ts';
import type { UpdateContext } from '../../src/mirror/context.ts';
import { createMirror, type Mirror, type MirrorOptions } from '../../src/mirror/mirror.ts';
import { createProvenanceRecord } from '../../src/mirror/provenance-record.ts';
import { decideSources } from '../../src/policy/decide-sources.ts';
import type { Attempt } from '../../src/policy/decision.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { noteIn } from '../../src/ports/notes.ts';
import type { Store } from '../../src/ports/store.ts';
import { createSourceHealth } from '../../src/upstream/source-health.ts';
import type { UpstreamLimits } from '../../src/upstream/limits.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';
import { openStore } from '../../storage/open-store.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { labServerFor } from './lab-server-for.ts';
import { prefetchAll } from './prefetch-all.ts';
import { recordedEvents, type RecordedEvents } from './recorded-events.ts';
import { sourceSettings } from './source-settings.ts';
import { testUpstream } from './test-upstream.ts';

/** The vendor of the mirror's tests: some 60 files a release, 180 KB. */
export const catalogue = createCatalogue({ shape: 'small' });

export interface BenchOptions extends Partial<
  Pick<MirrorOptions, 'pinned' | 'clock' | 'random' | 'every' | 'programSources' | 'prefetches'>
> {
  /** Whether program packages are mirrored, from the lab's server. */
  readonly programs?: boolean;
  /** Instead of the lab's server alone. */
  readonly sources?: (lab: LabServer) => readonly Attempt[];
  /** What the source has; the first release, unless told otherwise. */
  readonly release?: Release;
  /** The folder of the store. */
  readonly path?: string;
  /** Bytes. */
  readonly maxSize?: number;
  readonly keepGenerations?: number;
  readonly limits?: Partial<UpstreamLimits>;
  /** Called at each change of the mirror's view. */
  readonly onProgress?: (bench: MirrorBench) => void;
}

/** A mirror on a real store, with a real upstream and a source of the lab. */
export interface MirrorBench {
  readonly lab: LabServer;
  readonly store: Store;
  readonly upstream: Upstream;
  readonly events: RecordedEvents;
  readonly mirror: Mirror;
  readonly context: UpdateContext;
}

export async function mirrorBench(t: Test, options: BenchOptions = {}): Promise<MirrorBench> {
  const { release = catalogue.release(1), path = temporaryFolder(t), maxSize = 2 ** 30, keepGenerations = 3 } = options;
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const store = await openStore({ path, maxSize, minFree: 0, keepGenerations });
  const events = recordedEvents();
  const clock = options.clock ?? systemClock;
  const health = createSourceHealth(clock, noteIn(store.notes, 'sources', events));
  const upstream = testUpstream(t, options.limits, { health, now: () => clock.now() });
  const sources = options.sources?.(lab) ?? standardSource(lab);
  const flightContext: FlightContext = {
    store,
    upstream,
    events,
    clock,
    health,
    self: 'relay-00000000-0000-0000-0000-000000000001',
    sources,
    programSources: options.programs === false ? [] : (options.programSources ?? sources),
  };
  const context: UpdateContext = {
    ...flightContext,
    flights: createFlights(flightContext),
    prefetches: options.prefetches ?? prefetchAll,
    pinned: options.pinned ?? (() => new Set()),
    provenance: createProvenanceRecord(store.generations, clock, noteIn(store.notes, 'provenance', events)),
  };
  const mirror = createMirror({
    ...context,
    every: options.every ?? 15 * 60_000,
    random: options.random ?? (() => 0.5),
    onProgress: () => options.onProgress?.(bench),
  });
  const bench: MirrorBench = { lab, store, upstream, events, mirror, context };
  t.teardown(async () => {
    await mirror.stop();
    await store.close();
  });
  return bench;
}

/** The lab's server, and nothing after it. */
function standardSource({ url }: LabServer): readonly Attempt[] {
  const settings = sourceSettings({ officeScanServer: url, updateAgentsOnlyFromServer: true });
  return decideSources({ kind: 'components', role: 'update-agent', addresses: [] }, settings).attempts;
}
