import { isRelayError } from '../errors/relay-error.ts';
import { parseManifest } from '../manifest/manifest.ts';
import { objectIdentity } from '../manifest/model.ts';
import type { Attempt } from '../policy/decision.ts';
import type { UpdateSource } from '../upstream/source.ts';
import { askForIndex } from './check-index.ts';
import type { UpdateContext } from './context.ts';
import { isOfProgram, type FetchItem } from './plan.ts';

/** Where one object may come from, in order. Later ones are looked into only when somebody asks for them. */
export type Candidates = (item: FetchItem) => AsyncGenerator<UpdateSource, void, void>;

/**
 * The sources an object of an update may come from: for components the source of the index, then the other permitted
 * ones; for program packages those that policy permits for that kind. Another source than that of the index is one only
 * where its own index lists the same (path, version, size), so that one torn file does not cost a whole source. Those
 * indexes are asked for at most once an update. A source that failed seconds ago comes last.
 */
export function createCandidates(indexSource: Attempt, context: UpdateContext, signal: AbortSignal): Candidates {
  const { sources, programSources, health } = context;
  const listings = new Map<string, Promise<ReadonlySet<string>>>();

  async function lists(source: UpdateSource, listing: string): Promise<boolean> {
    if (source.url === indexSource.url) return true;
    let known = listings.get(source.url);
    if (!known) listings.set(source.url, (known = listingOf(source, context, signal)));
    return (await known).has(listing);
  }

  return async function* candidates(item) {
    const others = sources.filter(({ url, patternsOnly }) => url !== indexSource.url && !patternsOnly);
    const permitted = isOfProgram(item) ? programSources : [indexSource, ...others];
    const benched = permitted.filter(({ url }) => health.isBenched(url));
    for (const source of [...permitted.filter((candidate) => !benched.includes(candidate)), ...benched]) {
      if (await lists(source, item.listing)) yield source;
    }
  };
}

/** What the index of a source lists, as identities; nothing where it cannot be had. */
async function listingOf(
  source: UpdateSource,
  context: UpdateContext,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  try {
    const answer = await askForIndex(source, null, context, signal);
    if (answer.state === 'unchanged') return new Set();
    return new Set(parseManifest(answer.bytes).objects.map(objectIdentity));
  } catch (error) {
    if (!isRelayError(error) || error.fault === 'storage') throw error;
    context.health.failed(source.url, error);
    return new Set();
  }
}
