import { Type, type Static } from 'typebox';
import { RelayError } from '../errors/relay-error.ts';
import type { Generation } from '../ports/generation.ts';
import type { Store } from '../ports/store.ts';
import { page, pageOf, type PageQuery } from './page.ts';

const Count = Type.Integer({ minimum: 0 });
const Time = Type.String({ description: 'ISO 8601' });
const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const Amount = Type.Object({ objects: Count, bytes: Count });

const summary = {
  number: Count,
  publishedAt: Time,
  source: Type.String({ description: 'Base URL of the source its index came from.' }),
  current: Type.Boolean({ description: 'Agents that read the index get this one.' }),
  inUse: Type.Boolean({ description: 'Agents may still be working from it.' }),
  onDisk: Type.Object({ objects: Count, bytes: Count }, { description: 'Objects on disk, the index not counted.' }),
  onDemand: Type.Object(
    { objects: Count, bytes: Count },
    { description: 'Fetched when the first agent asks for them.' },
  ),
  absent: Type.Integer({ minimum: 0, description: 'Packages the index names and no source has.' }),
};

const generationSummary = Type.Object(summary);

/** What `GET /api/v1/generations` answers, the newest first. */
export const generationsSchema = pageOf(generationSummary, {});

/** What `GET /api/v1/generations/:n` answers. */
export const generationSchema = Type.Object({
  ...summary,
  index: Type.Object({ sha256: Type.String(), size: Count, etag: TextOrNull, lastModified: TextOrNull }),
  kinds: Type.Array(Type.Object({ kind: Type.String(), onDisk: Amount, onDemand: Amount }), {
    description: 'The same by kind of object.',
  }),
});

export type Generations = Static<typeof generationsSchema>;

/** Generations and who works from them. */
export interface GenerationsInput {
  readonly generations: Pick<Store['generations'], 'current' | 'get' | 'list'>;
  /** Numbers of those that agents may still be working from. */
  readonly inUse: () => ReadonlySet<number>;
}

/** One page of all generations, the newest first. */
export function listGenerations(input: GenerationsInput, query: PageQuery): Generations {
  const { items, ...rest } = page(input.generations.list(), query);
  return { ...rest, items: items.map((generation) => summaryOf(generation, input)) };
}

/** One generation. Throws RLY_GENERATION_UNKNOWN. */
export function describeGeneration(number: number, input: GenerationsInput): Static<typeof generationSchema> {
  const generation = generationNamed(number, input.generations);
  const { index, objects, onDemand } = generation;
  const kinds = new Set([...objects, ...onDemand].map(({ kind }) => kind));
  return {
    ...summaryOf(generation, input),
    index,
    kinds: [...kinds].sort().map((kind) => ({
      kind,
      onDisk: amountOf(objects.filter((object) => object.kind === kind)),
      onDemand: amountOf(onDemand.filter((object) => object.kind === kind)),
    })),
  };
}

/** Throws RLY_GENERATION_UNKNOWN for one that is not kept here. */
export function generationNamed(number: number, { get, list }: Pick<Store['generations'], 'get' | 'list'>): Generation {
  const generation = get(number);
  if (generation) return generation;
  const held = list().map((kept) => kept.number);
  throw new RelayError('RLY_GENERATION_UNKNOWN', { number, held: held.join(', ') || 'none' });
}

function summaryOf(generation: Generation, { generations, inUse }: GenerationsInput): Static<typeof generationSummary> {
  const { number, publishedAt, source, objects, onDemand, absent } = generation;
  return {
    number,
    publishedAt,
    source,
    current: generations.current()?.number === number,
    inUse: inUse().has(number),
    onDisk: amountOf(objects),
    onDemand: amountOf(onDemand),
    absent: absent.length,
  };
}

function amountOf(objects: readonly { readonly size: number }[]): { objects: number; bytes: number } {
  return { objects: objects.length, bytes: objects.reduce((sum, { size }) => sum + size, 0) };
}
