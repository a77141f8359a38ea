import type { Attempt } from '../policy/decision.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { Store } from '../ports/store.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { SourceHealth } from '../upstream/source-health.ts';
import type { Upstream } from '../upstream/upstream.ts';

/** What it takes to bring an object home. */
export interface FlightContext {
  readonly store: Store;
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly events: Events;
  /** What is known of each source. */
  readonly health: SourceHealth;
  /** The name of this relay, as other relays hand it on. */
  readonly self: string;
  /** Where components come from, in the order in which policy wants the sources tried. */
  readonly sources: readonly Attempt[];
  /** Where agent program packages named in an index may come from, in that order; empty where they are not mirrored. */
  readonly programSources: readonly UpdateSource[];
}
