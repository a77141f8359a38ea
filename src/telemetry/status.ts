import { Type, type Static } from 'typebox';
import type { Mirror } from '../mirror/mirror.ts';
import type { ProvenanceRecord } from '../mirror/provenance-record.ts';
import { UPDATE_PHASES } from '../mirror/update-state.ts';
import type { Attempt } from '../policy/decision.ts';
import type { Scrubber } from '../ports/scrubber.ts';
import type { Store } from '../ports/store.ts';
import type { SourceHealth } from '../upstream/source-health.ts';
import type { Upstream } from '../upstream/upstream.ts';

const Count = Type.Integer({ minimum: 0 });
const Time = Type.String({ description: 'ISO 8601' });
const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);

const Phase = Type.Enum([...UPDATE_PHASES]);

/** What `GET /api/v1/status` answers: the contract's shape, how many objects are fetched only when they are asked for, and how far an update is. */
export const statusSchema = Type.Object({
  version: Type.String(),
  generation: OrNull(
    Type.Object({
      number: Count,
      publishedAt: Time,
      /** When its index was last known to be what the origin has, through all tiers. */
      confirmedAt: Time,
      objects: Count,
      bytes: Count,
      onDemand: Count,
      source: Type.String(),
    }),
  ),
  update: Type.Object({
    state: Phase,
    lastSuccessAt: OrNull(Time),
    lastError: OrNull(Type.String()),
    nextAt: OrNull(Time),
    progress: Type.Object({
      source: OrNull(Type.String()),
      objects: Type.Object({ done: Count, total: Count }),
      bytes: Type.Object({ done: Count, total: Count }),
      running: Type.Array(Type.Object({ path: Type.String(), done: Count, total: OrNull(Count) })),
    }),
  }),
  sources: Type.Array(
    Type.Object({
      url: Type.String(),
      type: Type.String(),
      state: Type.String(),
      lastError: OrNull(Type.String()),
      /** Until then it is not asked, as it said in Retry-After. */
      notBefore: OrNull(Time),
    }),
  ),
  storage: Type.Object({
    bytes: Count,
    maxBytes: Count,
    scrub: Type.Object({
      state: Type.Enum(['idle', 'walking']),
      blobs: Type.Object({ done: Count, total: Count }),
      bytes: Type.Object({ done: Count, total: Count }),
      broken: Count,
      lastWalkAt: OrNull(Time),
      nextAt: OrNull(Time),
    }),
  }),
  wan: Type.Object({ bytes: Count }),
});

export type Status = Static<typeof statusSchema>;

export interface StatusInput {
  readonly version: string;
  readonly store: Store;
  readonly scrubber: Pick<Scrubber, 'view'>;
  readonly mirror: Mirror;
  readonly upstream: Upstream;
  readonly sources: readonly Attempt[];
  readonly health: SourceHealth;
  readonly provenance: ProvenanceRecord;
}

/** The relay at this moment, as a value. */
export function buildStatus({
  version,
  store,
  scrubber,
  mirror,
  upstream,
  sources,
  health,
  provenance,
}: StatusInput): Status {
  const generation = store.generations.current();
  const { phase, source, objects, bytes, running, lastSuccessAt, lastError, nextAt } = mirror.view();
  const confirmedAt = provenance.current()?.confirmedAt;
  const { bytes: held, maxBytes } = store.usage();
  return {
    version,
    generation:
      generation && confirmedAt !== undefined
        ? {
            number: generation.number,
            publishedAt: generation.publishedAt,
            confirmedAt: new Date(confirmedAt).toISOString(),
            objects: generation.objects.length,
            bytes: generation.objects.reduce((sum, object) => sum + object.size, 0),
            onDemand: generation.onDemand.length,
            source: generation.source,
          }
        : null,
    update: {
      state: phase,
      lastSuccessAt,
      lastError,
      nextAt,
      progress: { source, objects, bytes, running: [...running] },
    },
    sources: sources.map(({ url, type }) => ({ url, type, ...sourceState(url, health) })),
    storage: { bytes: held, maxBytes, scrub: scrubber.view() },
    wan: { bytes: upstream.received.total() },
  };
}

/** As its last answer was; `unknown` before the first. */
function sourceState(url: string, health: SourceHealth): Omit<Status['sources'][number], 'url' | 'type'> {
  const { lastError, lastSuccessAt } = health.record(url);
  const until = health.notBefore(url);
  const notBefore = until === null ? null : new Date(until).toISOString();
  if (lastError) return { state: 'failing', lastError: `${lastError.code}: ${lastError.message}`, notBefore };
  return { state: lastSuccessAt === null ? 'unknown' : 'ok', lastError: null, notBefore };
}
