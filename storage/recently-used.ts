import type { Blob, Fill, StoredResponse } from '../src/ports/store.ts';
import type { ObjectList } from './object-list.ts';

/** Objects that may go where room is lacking, each under a key: fills, stored responses. */
export interface RecentlyUsed<T extends Blob> {
  list(): readonly T[];
  /** Asking for one is using it. */
  get(key: string): T | undefined;
  /** In place of an earlier one with this key. Durable when it resolves. */
  add(object: T): Promise<void>;
  /** The one with this key, and this blob, has something new to tell: durable at the next write of the list. */
  renew(object: T): void;
  /** Forgets those for which `keep` is false. */
  retain(keep: (object: T) => boolean): Promise<void>;
  /** Whether one of them has this blob. */
  holds(sha256: string): boolean;
  /** Least recently used first; those that have not been used since the start come in the order in which they came. */
  byAge(): Iterable<T>;
}

export type DiskFills = RecentlyUsed<Fill>;
export type DiskResponses = RecentlyUsed<StoredResponse>;

/** An index by key, and the order of use, over the list on disk. */
export function createRecentlyUsed<T extends Blob>(
  onDisk: ObjectList<T>,
  keyOf: (object: T) => string,
): RecentlyUsed<T> {
  // Of two with one key, which a kill may leave, the later counts.
  const byKey = new Map(onDisk.list().map((object) => [keyOf(object), object]));
  return {
    list: () => [...byKey.values()],
    holds: (sha256) => onDisk.holds(sha256),
    byAge: () => byKey.values(),
    get(key) {
      const object = byKey.get(key);
      if (object) {
        byKey.delete(key);
        byKey.set(key, object);
      }
      return object;
    },
    async add(object) {
      const key = keyOf(object);
      await onDisk.add(object);
      byKey.set(key, object);
      // The line of an earlier one with this key would hold its blob for ever.
      await onDisk.retain((other) => keyOf(other) !== key || other === byKey.get(key));
    },
    renew(object) {
      const before = byKey.get(keyOf(object));
      if (before?.sha256 !== object.sha256) return;
      onDisk.renew(before, object);
      byKey.set(keyOf(object), object);
    },
    async retain(keep) {
      const gone = [...byKey.values()].filter((object) => !keep(object));
      for (const object of gone) byKey.delete(keyOf(object));
      await onDisk.retain((object) => byKey.has(keyOf(object)));
    },
  };
}
