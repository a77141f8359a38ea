import type { StoredResponse } from '../ports/store.ts';
import type { PullItem } from './allow-list.ts';
import { hotfixLifetime, settingsLifetime, type Lifetime, type StoredAnswer } from './freshness.ts';

/** How long an answer may be used, by what it is. Pure. */
export function lifetimeOf(kind: PullItem['kind'], answer: StoredAnswer): Lifetime {
  return kind === 'domain-settings' ? settingsLifetime(answer) : hotfixLifetime(answer);
}

/** A stored response as an answer that came when its source last said that it holds. */
export function answerOf({ fields, checkedAt }: Pick<StoredResponse, 'fields' | 'checkedAt'>): StoredAnswer {
  return { fields, at: Date.parse(checkedAt) };
}

/**
 * What caches behind the relay may do with an answer that is fresh for `ttl` seconds more: what the relay itself may, and no
 * longer, so that relays in tiers do not add up. Pure.
 */
export function cacheControlFor(kind: PullItem['kind'], lifetime: Lifetime, ttl: number): string {
  if (kind === 'domain-settings') return 'private, no-store';
  if (!lifetime.storable) return 'no-store';
  if (lifetime.askAlways) return 'no-cache';
  const strict = lifetime.staleUntil <= lifetime.freshUntil;
  return `max-age=${Math.max(0, ttl)}${strict ? ', must-revalidate' : ''}`;
}
