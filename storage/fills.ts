import type { Fill, Fills } from '../src/ports/store.ts';
import type { ObjectList } from './object-list.ts';

/** The fills as the rest of the store sees them. */
export interface DiskFills extends Fills {
  holds(sha256: string): boolean;
  /** Least recently used first; those that have not been used since the start come in the order in which they came. */
  byAge(): Iterable<Fill>;
}

/** An index by identity, and the order of use, over the list on disk. */
export function createFills(onDisk: ObjectList<Fill>): DiskFills {
  const byIdentity = new Map(onDisk.list().map((fill) => [fill.identity, fill]));
  return {
    list: () => [...byIdentity.values()],
    holds: (sha256) => onDisk.holds(sha256),
    byAge: () => byIdentity.values(),
    get(identity) {
      const fill = byIdentity.get(identity);
      if (fill) {
        byIdentity.delete(identity);
        byIdentity.set(identity, fill);
      }
      return fill;
    },
    async add(fill) {
      // The line of an earlier one with this identity would hold its blob for ever.
      await onDisk.retain(({ identity }) => identity !== fill.identity);
      await onDisk.add(fill);
      byIdentity.set(fill.identity, fill);
    },
    async retain(keep) {
      const gone = [...byIdentity.values()].filter((fill) => !keep(fill));
      for (const { identity } of gone) byIdentity.delete(identity);
      await onDisk.retain(({ identity }) => byIdentity.has(identity));
    },
  };
}
