import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { Store } from '../ports/store.ts';
import type { Attempt } from '../policy/decision.ts';
import type { Upstream } from '../upstream/upstream.ts';

/** What every step of an update works with. */
export interface UpdateContext {
  readonly store: Store;
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly events: Events;
  /** The sources in the order in which policy wants them tried. */
  readonly sources: readonly Attempt[];
  /** Whether agent program packages named in the index are mirrored. */
  readonly programs: boolean;
  /** Generations that agents may still be working from: they are not retired. */
  readonly pinned: () => ReadonlySet<number>;
}
