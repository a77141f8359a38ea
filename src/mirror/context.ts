import type { FlightContext } from '../flight/context.ts';
import type { Flights } from '../flight/flights.ts';
import type { Allowance } from './allowance.ts';
import type { Prefetches } from './prefetch.ts';
import type { ProvenanceRecord } from './provenance-record.ts';

/** What every step of an update works with. */
export interface UpdateContext extends FlightContext {
  readonly flights: Flights;
  /** What is fetched before a release is published. */
  readonly prefetches: Prefetches;
  /** Of what is served. */
  readonly provenance: ProvenanceRecord;
  /** Generations that agents may still be working from: they are not retired. */
  readonly pinned: () => ReadonlySet<number>;
  /** What an administrator lets pass in this update; nothing, unless one has said so. */
  readonly allow?: Allowance | undefined;
}
