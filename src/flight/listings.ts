import { createHash } from 'node:crypto';
import { isRelayError } from '../errors/relay-error.ts';
import { parseManifest } from '../manifest/manifest.ts';
import { objectIdentity } from '../manifest/model.ts';
import type { Generation } from '../ports/generation.ts';
import type { UpdateSource } from '../upstream/source.ts';
import { askForIndex } from './ask-for-index.ts';
import type { FlightContext } from './context.ts';

/** Whether an index lists this identity. */
export type Listing = (identity: string) => boolean;

const NOTHING: Listing = () => false;
const EVERYTHING: Listing = () => true;

/**
 * What the index of `source` lists now. Where that is the very index of `generation` it lists all that belongs to that one,
 * and a conditional request is enough to know. Throws what the request for an index throws.
 */
export async function listingOf(
  source: UpdateSource,
  generation: Generation | null,
  context: FlightContext,
  signal: AbortSignal,
): Promise<Listing> {
  const known = generation?.source === source.url ? generation.index : null;
  const answer = await askForIndex(source, known, context, signal);
  if (answer.state === 'unchanged') return EVERYTHING;
  if (createHash('sha256').update(answer.bytes).digest('hex') === generation?.index.sha256) return EVERYTHING;
  const listed = new Set(parseManifest(answer.bytes).objects.map(objectIdentity));
  return (identity) => listed.has(identity);
}

/** What the indexes of sources list, each asked for once. A source whose index cannot be had lists nothing. */
export type Listings = (source: UpdateSource) => Promise<Listing>;

/** Listings to be used for a short while: an update, or a minute. `generation`: the one whose objects are looked for. */
export function createListings(generation: Generation | null, context: FlightContext, signal: AbortSignal): Listings {
  const known = new Map<string, Promise<Listing>>();

  async function ask(source: UpdateSource): Promise<Listing> {
    try {
      return await listingOf(source, generation, context, signal);
    } catch (error) {
      if (!isRelayError(error) || error.fault === 'storage') throw error;
      context.health.failed(source.url, error);
      return NOTHING;
    }
  }

  return (source) => {
    let listing = known.get(source.url);
    if (!listing) known.set(source.url, (listing = ask(source)));
    return listing;
  };
}
