import type { Generation, GenerationObject } from '../ports/generation.ts';
import type { Store } from '../ports/store.ts';
import { identityOf, type Identifiable } from './fetch-item.ts';

/** What is on disk under an identity, whichever generation it came for; undefined where nothing is. */
export type KeptObjects = (object: Identifiable) => GenerationObject | undefined;

/**
 * Looks through the generations there are, and what an update has brought for the next: of what one of them fetches on demand, another
 * may have the bytes. An identity has one content (docs/adr/0009-ratchet-and-memory.md), but for signatures.
 */
export function createKeptObjects({ generations, staging }: Pick<Store, 'generations' | 'staging'>): KeptObjects {
  const tables = new WeakMap<Generation, ReadonlyMap<string, GenerationObject>>();

  function tableOf(generation: Generation): ReadonlyMap<string, GenerationObject> {
    const known = tables.get(generation);
    if (known) return known;
    const table = new Map(generation.objects.map((object) => [identityOf(object), object]));
    tables.set(generation, table);
    return table;
  }

  return (object) => {
    if (object.kind === 'signature') return undefined;
    const identity = identityOf(object);
    for (const generation of generations.list()) {
      const found = tableOf(generation).get(identity);
      if (found) return found;
    }
    return staging.list().find((staged) => identityOf(staged) === identity);
  };
}
