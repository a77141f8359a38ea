import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import { PRIVATE_PATH } from '../ports/pull-through.ts';
import type { Store } from '../ports/store.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { SourceHealth } from '../upstream/source-health.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { PullItem } from './allow-list.ts';

/** What it takes to ask for what no index lists. */
export interface PullContext {
  readonly store: Pick<Store, 'blobs' | 'responses'>;
  readonly upstream: Pick<Upstream, 'fetchResource'>;
  readonly clock: Clock;
  readonly events: Events;
  /** What is known of each source. */
  readonly health: SourceHealth;
  /** Where an item may come from, in the order of policy. */
  readonly sourcesOf: (item: PullItem) => readonly UpdateSource[];
}

/** What of an item messages, events and the log show. */
export function shownPath({ kind, path }: Pick<PullItem, 'kind' | 'path'>): string {
  return kind === 'domain-settings' ? PRIVATE_PATH : path;
}
