import { LRUCache } from 'lru-cache';
import { canonicalPath } from '../manifest/path.ts';
import type { Clock } from '../ports/clock.ts';

/** Milliseconds for which an agent may keep half of a download, to go on with it. */
const HALVES_LIVE = 24 * 60 * 60_000;

/** Takes and cuts remembered. */
const REMEMBERED = 4096;

/** What agents may still hold of takes that are over. */
export interface TakeMemory {
  /** A take is whole and home, under this hash. */
  landed(tag: string, sha256: string): void;
  /** A take was thrown away after bytes of it had left. */
  cut(path: string): void;
  /** The SHA-256 of what came with this tag, if it did. */
  contentOf(tag: string): string | undefined;
  /** Whether an agent may hold bytes under this path that turned out to be worthless. */
  wasCut(path: string): boolean;
}

export function createTakeMemory(clock: Pick<Clock, 'monotonic'>): TakeMemory {
  const contents = new LRUCache<string, string>({ max: REMEMBERED });
  const cuts = new LRUCache<string, number>({ max: REMEMBERED });
  return {
    landed: (tag, sha256) => void contents.set(tag, sha256),
    cut: (path) => void cuts.set(canonicalPath(path), clock.monotonic() + HALVES_LIVE),
    contentOf: (tag) => contents.get(tag),
    wasCut: (path) => cuts.size > 0 && clock.monotonic() < (cuts.get(canonicalPath(path)) ?? 0),
  };
}
