import { LRUCache } from 'lru-cache';
import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { CacheHandling, Pulled, PulledFacts, PullTarget, PullThrough } from '../ports/pull-through.ts';
import type { Blob, StoredResponse } from '../ports/store.ts';
import type { AllowList, PullItem } from './allow-list.ts';
import { isFresh, type StoredAnswer } from './freshness.ts';
import { answerOf, cacheControlFor, lifetimeOf } from './lifetime.ts';
import { shownPath, type PullContext } from './pull-context.ts';
import { itemOfPart } from './pulled-part.ts';
import { startPullFlight, type Arrival, type PullFlight } from './pull-flight.ts';

export interface PullThroughOptions extends PullContext {
  readonly allowed: AllowList;
}

export interface RunningPullThrough extends PullThrough {
  /** Forgets what is kept of paths that are on no list any more; tells where it cannot. */
  sweep(): Promise<void>;
  /** Cuts what is under way; resolves when it is. */
  close(): Promise<void>;
}

const SECOND = 1000;

/** Milliseconds an agent waits for the first byte of what is not here. It gives up by itself after 120 s (docs/protocol.md §5), and has other sources. */
const PATIENCE = 20 * SECOND;

/** Milliseconds a question to the sources may take where there is a copy that may be given without it. */
const PATIENCE_WITH_COPY = 5 * SECOND;

/** Milliseconds for which nobody is asked again for what no source had: agents ask by the hundred. */
const ABSENT_HOLDS = 60 * SECOND;

/** Milliseconds for which nobody is asked again after the sources failed, … */
const FAILURE_HOLDS = 10 * SECOND;
/** … and at most, where all of them want to be left alone for longer. */
const LONGEST_HOLD = 5 * 60 * SECOND;

/** Files asked for at a time. Agents that roll out a hot fix ask for some dozens; beyond, somebody tries names. */
const MOST_FLIGHTS = 128;

/** Milliseconds for which an agent may keep half of a download, to go on with it. */
const HALVES_LIVE = 24 * 60 * 60 * SECOND;

/** Of each kind of thing to remember. */
const REMEMBERED = 4096;

/** What the sources said when they were last asked in vain. */
interface Refusal {
  readonly until: number;
  readonly error: RelayError;
}

/** Asks sources for what no index lists, keeps the answers as RFC 9111 has it, and asks once for all who wait. */
export function createPullThrough({ allowed, ...context }: PullThroughOptions): RunningPullThrough {
  const { store, clock } = context;
  const { responses } = store;
  const stopped = new AbortController();
  const flights = new Map<string, PullFlight>();
  const refusals = new LRUCache<string, Refusal>({ max: REMEMBERED });
  const contents = new LRUCache<string, string>({ max: REMEMBERED });
  const changes = new LRUCache<string, number>({ max: REMEMBERED });

  /** What is no pulled item's is an update's business. */
  function mayStay(part: string): boolean {
    const item = itemOfPart(part);
    return item === undefined || allowed.has(item);
  }

  function presentOf({ key, kind }: PullItem): StoredResponse | undefined {
    const response = responses.get(key);
    return response?.kind === kind ? response : undefined;
  }

  function pulled(
    { kind }: PullItem,
    content: Pulled['content'],
    answer: StoredAnswer,
    handling: Omit<CacheHandling, 'ttl' | 'stored'>,
  ): Pulled {
    const lifetime = lifetimeOf(kind, answer);
    const ttl = Math.floor((lifetime.freshUntil - clock.now()) / SECOND);
    const cacheControl = cacheControlFor(kind, lifetime, ttl);
    return { content, handling: { ...handling, stored: lifetime.storable, ttl }, cacheControl };
  }

  /** A copy that may be given though no source says now that it holds; undefined where there is none. */
  function outlived(item: PullItem, error: unknown): Pulled | undefined {
    const present = presentOf(item);
    // What no source has any more is gone, whatever may still lie here.
    if (!present || !isRelayError(error) || error.code === 'RLY_PULL_ABSENT') return undefined;
    const answer = answerOf(present);
    if (clock.now() >= lifetimeOf(item.kind, answer).staleUntil) return undefined;
    const { code: detail } = error;
    return pulled(item, blobOf(present), answer, { fwd: null, fwdStatus: null, collapsed: false, detail });
  }

  function start(item: PullItem, present: StoredResponse | undefined): PullFlight {
    const { key } = item;
    if (flights.size >= MOST_FLIGHTS) {
      throw new RelayError('RLY_PULL_BUSY', { path: shownPath(item), limit: MOST_FLIGHTS });
    }
    const flight = startPullFlight(
      {
        item,
        present,
        signal: stopped.signal,
        onChanged: () => void changes.set(key, clock.monotonic() + HALVES_LIVE),
        onContent: (tag, sha256) => void contents.set(tag, sha256),
      },
      context,
    );
    flights.set(key, flight);
    flight.over.then(
      () => void flights.delete(key),
      (error: unknown) => {
        flights.delete(key);
        if (isRelayError(error)) refusals.set(key, { error, until: clock.monotonic() + holdOf(error) });
      },
    );
    return flight;
  }

  /** What comes of a flight, within the time an agent has for it. */
  async function arrivalOf(item: PullItem, flight: PullFlight, present: StoredResponse | undefined): Promise<Arrival> {
    const hasCopy = present !== undefined && clock.now() < lifetimeOf(item.kind, answerOf(present)).staleUntil;
    const left = hasCopy ? flight.began + PATIENCE_WITH_COPY - clock.monotonic() : PATIENCE;
    const over = new AbortController();
    const late = async (): Promise<never> => {
      await clock.sleep(Math.max(0, left), over.signal);
      const reason = `nothing of it came in ${Math.round((clock.monotonic() - flight.began) / SECOND)} s`;
      throw new RelayError('RLY_OBJECT_NOT_YET', { path: shownPath(item), reason });
    };
    try {
      return await Promise.race([flight.join(), late()]);
    } finally {
      over.abort();
    }
  }

  async function get(item: PullItem): Promise<Pulled> {
    const underWay = flights.get(item.key);
    const present = presentOf(item);
    const answer = present && answerOf(present);
    // While a flight is under way, what it has noted may not be on disk yet.
    if (!underWay && present && answer && isFresh(answer, lifetimeOf(item.kind, answer), clock.now())) {
      return pulled(item, blobOf(present), answer, { fwd: null, fwdStatus: null, collapsed: false, detail: null });
    }
    const refusal = underWay ? undefined : refusals.get(item.key);
    try {
      if (refusal && clock.monotonic() < refusal.until) throw refusal.error;
      const flight = underWay ?? start(item, present);
      const arrival = await arrivalOf(item, flight, present);
      return arrived(item, arrival, { hadCopy: flight.hadCopy, collapsed: underWay !== undefined });
    } catch (error) {
      const copy = outlived(item, error);
      if (copy) return copy;
      if (!stopped.signal.aborted) throw error;
      throw new RelayError('RLY_OBJECT_NOT_YET', { path: shownPath(item), reason: 'the relay is stopping' });
    }
  }

  function arrived(
    item: PullItem,
    arrival: Arrival,
    { hadCopy, collapsed }: { hadCopy: boolean; collapsed: boolean },
  ): Pulled {
    const fwd = hadCopy ? 'stale' : 'uri-miss';
    if ('take' in arrival) {
      return pulled(item, arrival.take, arrival.answer, { fwd, fwdStatus: 200, collapsed, detail: null });
    }
    const { response, state } = arrival;
    const fwdStatus = state === 'unchanged' ? 304 : 200;
    return pulled(item, blobOf(response), answerOf(response), { fwd, fwdStatus, collapsed, detail: null });
  }

  function facts(item: PullItem): PulledFacts | null {
    const present = item.kind === 'hotfix' ? presentOf(item) : undefined;
    if (!present) return null;
    const { freshUntil, staleUntil } = lifetimeOf(item.kind, answerOf(present));
    const { path, size, sha256, proof, source, fetchedAt, checkedAt } = present;
    const times = { freshUntil: isoOf(freshUntil), staleUntil: isoOf(staleUntil) };
    return { path, size, sha256, proof, source, fetchedAt, checkedAt, ...times };
  }

  function targetOf(item: PullItem): PullTarget {
    const { key, kind } = item;
    return {
      kind,
      shown: shownPath(item),
      get: () => get(item),
      lost: (sha256) => responses.retain((response) => response.key !== key || response.sha256 !== sha256),
      contentOf: (tag) => contents.get(tag),
      hasChanged: () => clock.monotonic() < (changes.get(key) ?? 0),
      facts: () => facts(item),
    };
  }

  return {
    find(path) {
      const item = allowed.find(path);
      return item && targetOf(item);
    },
    async sweep() {
      try {
        await responses.retain((response) => allowed.has(response));
        await store.blobs.retainParts(mayStay);
      } catch (error) {
        // A disk that is full keeps nobody from serving what is on it.
        context.events.emit('store.not-collected', { error: String(error) });
      }
    },
    async close() {
      stopped.abort(new Error('the relay is stopping'));
      await Promise.allSettled([...flights.values()].map(({ over }) => over));
    },
  };
}

/** Milliseconds for which the sources are left alone after this error: until the first of them wants to be asked again. */
function holdOf(error: RelayError): number {
  if (error.code === 'RLY_PULL_ABSENT') return ABSENT_HOLDS;
  const failures: readonly unknown[] = error.cause instanceof AggregateError ? error.cause.errors : [];
  const holds = failures.map((failure) =>
    isRelayError(failure, 'RLY_UPSTREAM_BUSY') ? Number(failure.fields.retryAfter) * SECOND : 0,
  );
  const asked = holds.length > 0 ? Math.min(...holds) : 0;
  return Math.min(LONGEST_HOLD, Math.max(FAILURE_HOLDS, asked));
}

function blobOf({ sha256, size }: StoredResponse): Blob {
  return { sha256, size };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
