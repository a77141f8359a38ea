import { LRUCache } from 'lru-cache';
import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { Generation } from '../ports/generation.ts';
import type { ContentMemory, MemoryClaim } from '../ports/memory.ts';
import type { OnDemand, Take, Wanted } from '../ports/on-demand.ts';
import { createSourceHealth } from '../upstream/source-health.ts';
import { type Candidates, createCandidates, permittedSources } from './candidates.ts';
import type { FlightContext } from './context.ts';
import { seenContents } from './equivocation.ts';
import { type FetchItem, identityOf } from './fetch-item.ts';
import type { Flight, FlightOrders } from './flight.ts';
import type { Flights } from './flights.ts';
import { createKeptObjects } from './kept-objects.ts';
import { createListings, listingOf, type Listings } from './listings.ts';
import { withinPatience } from './patience.ts';

/** Milliseconds for which what the indexes of the sources list is taken as known: many objects are asked for at once. */
const LISTINGS_HOLD = 60_000;

/** Objects that found no room on disk, kept in memory until that is needed. */
const MOST_PASSING = 8;

/** What says that the sources have another release by now, or another signature. */
const HAVE_MOVED: ReadonlySet<string> = new Set(['RLY_OBJECT_NO_SOURCE', 'RLY_OBJECT_MOVED_ON', 'RLY_OBJECT_CHANGED']);

export interface OnDemandOptions {
  readonly flights: Flights;
  readonly memory: ContentMemory;
  /** Aborts when the relay stops. */
  readonly signal: AbortSignal;
  /** Called when the sources have moved on from the generation that is served: an update should look at once. */
  readonly lookForUpdate: () => void;
}

/** What agents ask for and is not on disk: begins flights, and tells what came of them. */
export function createOnDemand(options: OnDemandOptions, context: FlightContext): OnDemand {
  const { flights, memory, signal, lookForUpdate } = options;
  const { store, clock, events, health } = context;
  const kept = createKeptObjects(store);
  const passing = new LRUCache<string, { readonly take: Take; readonly claim: MemoryClaim; readonly sha256: string }>({
    max: MOST_PASSING,
    dispose: ({ claim }) => claim.release(),
  });
  /** How sources have done with single objects. */
  const objects = createSourceHealth(clock);
  let listings: { readonly of: number; readonly until: number; readonly ask: Listings } | null = null;

  function listingsFor(generation: Generation): Listings {
    const now = clock.monotonic();
    if (listings?.of !== generation.number || now >= listings.until) {
      const ask = createListings(generation, context, signal);
      listings = { of: generation.number, until: now + LISTINGS_HOLD, ask };
    }
    return listings.ask;
  }

  function claimFor(bytes: number): MemoryClaim | undefined {
    for (;;) {
      const claim = memory.claim(bytes);
      if (claim || passing.size === 0) return claim;
      passing.pop();
    }
  }

  const isDistrusted = (item: FetchItem, url: string): boolean => objects.isBenched(`${url} ${identityOf(item)}`);

  /** Without the sources that had this very object wrong moments ago. */
  function trusted(candidates: Candidates): Candidates {
    return async function* trustedCandidates(item) {
      for await (const source of candidates(item)) if (!isDistrusted(item, source.url)) yield source;
    };
  }

  function begin(item: FetchItem, { object, generation }: Wanted): FlightOrders {
    return {
      item,
      candidates: trusted(createCandidates(null, listingsFor(generation), context)),
      signal,
      claim: claimFor(object.size),
      async confirm(source) {
        const listing = await listingOf(source, generation, context, signal);
        if (!listing(item.listing)) throw movedOn(item, generation);
      },
      expected: contentOf(object),
      async note(came) {
        // What comes anew is noted already, unless it had to make room for itself.
        if (generation.objects.some((noted) => noted === object)) return;
        if (contentOf(object) !== undefined && store.fills.get(identityOf(item)) !== undefined) return;
        await store.identities.remember(seenContents([came]));
        await store.fills.add({ ...came, identity: identityOf(item) });
      },
      onRefused: (source, error) => objects.failed(`${source.url} ${identityOf(item)}`, error),
    };
  }

  /** Tells of a flight that agents began. */
  async function follow(item: FetchItem, flight: Flight): Promise<void> {
    const { path, size } = item;
    const begun = clock.monotonic();
    events.emit('flight.started', { path, bytes: size });
    try {
      const { size: bytes, source, sha256 } = await flight.home;
      const seconds = Math.round((clock.monotonic() - begun) / 100) / 10;
      events.emit('flight.landed', { path, bytes, source, seconds });
      const { take, passedBy } = flight.landed();
      if (passedBy) passing.set(identityOf(item), { take, claim: passedBy, sha256 });
    } catch (error) {
      if (signal.aborted) return;
      const told = isRelayError(error) ? `${error.code}: ${error.message}` : String(error);
      events.emit('flight.failed', { path, error: told });
      if (isRelayError(error) && HAVE_MOVED.has(error.code)) lookForUpdate();
    }
  }

  /** An agent learns that it has to wait, or that it should read the index again; the log has the rest. */
  function refusal(error: unknown, item: FetchItem, { generation }: Wanted): unknown {
    if (!isRelayError(error) || error.fault === 'internal') return error;
    const sources = permittedSources(item, context);
    const distrusted = sources.some(({ url }) => isDistrusted(item, url));
    const answering = sources.some(({ url }) => health.record(url).lastError === null);
    if (isRelayError(error, 'RLY_OBJECT_NO_SOURCE') && answering && !distrusted) return movedOn(item, generation);
    if (isRelayError(error, 'RLY_OBJECT_NOT_YET') || isRelayError(error, 'RLY_OBJECT_MOVED_ON')) return error;
    const reason = error.fault === 'storage' ? 'there is no room for it' : 'no source could deliver it';
    return new RelayError('RLY_OBJECT_NOT_YET', { path: item.path, reason }, { cause: error });
  }

  function itemOf({ object }: Wanted): FetchItem {
    return { ...object, listing: identityOf(object) };
  }

  /** What passed through memory for want of room on disk, and is there still. */
  function passedFor({ object }: Wanted): Take | undefined {
    const passed = passing.get(identityOf(object));
    // A signature has the same identity in all generations.
    return passed && passed.sha256 === (contentOf(object) ?? passed.sha256) ? passed.take : undefined;
  }

  function whyNot(wanted: Wanted): RelayError | undefined {
    if (passedFor(wanted)) return undefined;
    const { path } = wanted.object;
    const sources = permittedSources(itemOf(wanted), context);
    if (!sources.every(({ url }) => health.isBenched(url))) return undefined;
    return new RelayError('RLY_OBJECT_NOT_YET', { path, reason: 'its sources failed moments ago' });
  }

  return {
    whyNot,
    fillOf(object) {
      if (flights.isUnderWay(object)) return undefined;
      const { path, kind, component } = object;
      const found = store.fills.get(identityOf(object)) ?? kept(object);
      return found && { ...found, path, kind, component };
    },
    async join(wanted) {
      const item = itemOf(wanted);
      const { path } = item;
      const passed = passedFor(wanted);
      if (passed) return { take: passed, began: false };
      const reason = whyNot(wanted);
      if (reason) throw reason;
      const { flight, began } = flights.join(item, () => begin(item, wanted));
      if (began) void follow(item, flight);
      try {
        return { take: await withinPatience(path, flight.join(), clock), began };
      } catch (error) {
        throw refusal(error, item, wanted);
      }
    },
    contentOf: (tag) => flights.takes.contentOf(tag),
    wasCut: (path) => flights.takes.wasCut(path),
  };
}

/** The SHA-256 of an object that was here before. */
function contentOf(object: Wanted['object']): string | undefined {
  return 'sha256' in object ? object.sha256 : undefined;
}

function movedOn({ path }: FetchItem, { number }: Generation): RelayError {
  return new RelayError('RLY_OBJECT_MOVED_ON', { path, generation: number });
}
