import type { Identities, SeenContent } from '../src/ports/store.ts';
import { writeDurably } from './durable-write.ts';
import type { Layout } from './layout.ts';
import { encodeLine } from './object-lines.ts';
import { appendDurably } from './object-list.ts';
import { serial } from './serial.ts';

/**
 * Identities that are remembered. A release brings some 100 that are new, and there are 1.2 a day
 * (docs/protocol.md §4): these are about a month, in less than 1 MB of disk and memory.
 */
export const MOST_IDENTITIES = 4096;

/** The memory in the file `identities`, which is there. `found`: what was in it at the start, oldest first. */
export function createIdentities(layout: Layout, found: readonly SeenContent[]): Identities {
  const inTurn = serial();
  const seen = new Map<string, string>();
  /** In the file; more than are remembered, as it only grows between two times that it is written anew. */
  let lines = found.length;

  function see(contents: readonly SeenContent[]): void {
    for (const { identity, sha256 } of contents) {
      // What is seen again is young again.
      seen.delete(identity);
      seen.set(identity, sha256);
    }
    for (const identity of seen.keys()) {
      if (seen.size <= MOST_IDENTITIES) break;
      seen.delete(identity);
    }
  }

  see(found);
  return {
    get: (identity) => seen.get(identity),
    remember: (contents) =>
      inTurn(async () => {
        const fresh = contents.filter(({ identity, sha256 }) => seen.get(identity) !== sha256);
        see(contents);
        if (fresh.length === 0) return;
        if (lines + fresh.length > 2 * MOST_IDENTITIES) {
          const all = [...seen].map(([identity, sha256]) => encodeLine({ identity, sha256 }));
          await writeDurably(layout, layout.identities, Buffer.from(all.join('')));
          lines = all.length;
        } else {
          await appendDurably(layout.identities, fresh.map(encodeLine).join(''));
          lines += fresh.length;
        }
      }),
  };
}
