import type { UpdateSource } from '../upstream/source.ts';
import type { FlightContext } from './context.ts';
import { type FetchItem, isOfEngine, isOfProgram } from './fetch-item.ts';
import type { Listings } from './listings.ts';

/** Where one object may come from, in order. Later ones are looked into only when somebody asks for them. */
export type Candidates = (item: FetchItem) => AsyncGenerator<UpdateSource, void, void>;

/**
 * The permitted sources that list the same (path, version, size), so that one torn file does not cost a whole source: for
 * components `first`, then the others in the order of policy; for program packages those that policy permits for that
 * kind. Of `first`, the source of the index an update goes by, it is known. A source that failed seconds ago comes last.
 */
export function createCandidates(first: UpdateSource | null, listings: Listings, context: FlightContext): Candidates {
  const { health } = context;
  return async function* candidates(item) {
    const others = permittedSources(item, context).filter(({ url }) => url !== first?.url);
    const all = first && !isOfProgram(item) ? [first, ...others] : permittedSources(item, context);
    const benched = all.filter(({ url }) => health.isBenched(url));
    for (const source of [...all.filter((candidate) => !benched.includes(candidate)), ...benched]) {
      if (source.url === first?.url || (await listings(source))(item.listing)) yield source;
    }
  };
}

/** Where policy permits an object to come from, in order. */
export function permittedSources(
  item: FetchItem,
  { sources, programSources }: Pick<FlightContext, 'sources' | 'programSources'>,
): readonly UpdateSource[] {
  if (isOfProgram(item)) return programSources;
  return sources.filter(({ patternsOnly }) => !(patternsOnly && isOfEngine(item)));
}
