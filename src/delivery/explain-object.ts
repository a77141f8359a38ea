import { Type, type Static } from 'typebox';
import { RelayError } from '../errors/relay-error.ts';
import { componentName } from '../manifest/names.ts';
import { canonicalPath } from '../manifest/path.ts';
import type { Generation } from '../ports/generation.ts';
import { INDEX, pathInTree } from './agent-path.ts';
import type { Delivery } from './delivery.ts';
import { searchGenerations } from './search-generations.ts';

const Count = Type.Integer({ minimum: 0 });
const Time = Type.String({ description: 'ISO 8601' });
const TextOrNull = Type.Union([Type.String(), Type.Null()]);

/** What `relay explain PATH` and `GET /api/v1/explain?path=` answer: what an agent that asks for the path is given. */
export const objectExplanationSchema = Type.Object({
  /** As the index writes it. */
  path: Type.String(),
  /** The agent's address; null for one that is new here. */
  agent: TextOrNull,
  /** The generation this agent works from. */
  agentGeneration: Count,
  /** The one the object was found in. */
  generation: Count,
  publishedAt: Time,
  /** `index`, or what the object is. */
  kind: Type.String(),
  // Identity: (path, version, size). The index itself has neither component nor version.
  component: TextOrNull,
  name: TextOrNull,
  version: TextOrNull,
  size: Count,
  /** Null for what is fetched when the first agent asks for it, and has not been. */
  sha256: TextOrNull,
  /** How it was judged; null for the index, which is parsed, and for what is not here. */
  proof: TextOrNull,
  /** Base URL of the source it came from; null for what is not here. */
  source: TextOrNull,
  fetchedAt: Type.Union([Time, Type.Null()]),
});

export type ObjectExplanation = Static<typeof objectExplanationSchema>;

/** Who asks for what: a path as agents ask for it, or as the index writes it. */
export interface ObjectQuestion {
  readonly path: string;
  /** Null: an agent that is new here. */
  readonly agent: string | null;
}

/**
 * What the delivery would give. Throws RLY_NOT_READY before the first generation, RLY_OBJECT_ABSENT for a package that the
 * source does not have, RLY_NOT_LISTED for every other path that is answered 404.
 */
export function explainObject(
  { path: asked, agent }: ObjectQuestion,
  delivery: Pick<Delivery, 'generationOf' | 'fillOf'>,
  generations: { current(): Generation | undefined; list(): readonly Generation[] },
): ObjectExplanation {
  const path = pathInTree(asked) ?? canonicalPath(asked.replace(/^\/+/, ''));
  const current = generations.current();
  if (!current) throw new RelayError('RLY_NOT_READY', {});
  const own = (agent === null ? undefined : delivery.generationOf(agent)) ?? current;
  const asker = { agent, agentGeneration: own.number };
  if (path === INDEX) return { ...asker, ...explainedIndex(current) };
  const found = searchGenerations(own, generations.list(), (generation) => explainedIn(generation, path, delivery));
  if (found) return { ...asker, ...found };
  const { number, source, absent } = own;
  if (!absent.some((name) => canonicalPath(name) === path)) throw new RelayError('RLY_NOT_LISTED', { path: asked });
  throw new RelayError('RLY_OBJECT_ABSENT', { path: asked, generation: number, source });
}

type Found = Omit<ObjectExplanation, 'agent' | 'agentGeneration'>;

function explainedIn(
  { number, publishedAt, objects, onDemand }: Generation,
  path: string,
  { fillOf }: Pick<Delivery, 'fillOf'>,
): Found | undefined {
  const isAsked = (candidate: { readonly path: string }): boolean => canonicalPath(candidate.path) === path;
  const listed = onDemand.find(isAsked);
  const object = objects.find(isAsked) ?? (listed && (fillOf(listed) ?? { ...listed, ...NOT_HERE }));
  return object && { ...object, name: componentName(object.component), generation: number, publishedAt };
}

const NOT_HERE = { sha256: null, proof: null, source: null, fetchedAt: null };

/** The index as it was received: what agents get of it may differ in its [Server] section. */
function explainedIndex({ number, publishedAt, source, index: { sha256, size } }: Generation): Found {
  return {
    path: INDEX,
    generation: number,
    publishedAt,
    kind: 'index',
    component: null,
    name: null,
    version: null,
    size,
    sha256,
    proof: null,
    source,
    fetchedAt: null,
  };
}
