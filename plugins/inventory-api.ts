import fp from 'fastify-plugin';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { RelayError } from '../src/errors/relay-error.ts';
import type { Store } from '../src/ports/store.ts';
import { diffGenerations, generationDiffSchema } from '../src/telemetry/generation-diff.ts';
import {
  describeGeneration,
  generationNamed,
  generationSchema,
  generationsSchema,
  listGenerations,
} from '../src/telemetry/generations.ts';
import { listObjects, objectsQuery, objectsSchema } from '../src/telemetry/objects.ts';
import { pageQuery } from '../src/telemetry/page.ts';
import { sourcesQuery, sourcesSchema, type Sources, type SourcesQuery } from '../src/telemetry/sources.ts';

export interface InventoryApiOptions {
  readonly store: Pick<Store, 'generations' | 'blobs'>;
  /** Numbers of generations that agents may still be working from. */
  readonly inUse: () => ReadonlySet<number>;
  readonly sources: (query: SourcesQuery) => Sources;
}

const strict = { additionalProperties: false };
const GenerationNumber = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const routes: FastifyPluginAsyncTypebox<InventoryApiOptions> = async (app, { store, inUse, sources }) => {
  const { generations } = store;
  const input = { generations, inUse };

  app.get(
    '/api/v1/sources',
    {
      schema: {
        summary: 'Where this relay updates from, in order, and how each source has done.',
        querystring: Type.Object({ ...sourcesQuery, ...pageQuery }, strict),
        response: { 200: sourcesSchema },
      },
    },
    async ({ query }) => sources(query),
  );

  app.get(
    '/api/v1/generations',
    {
      schema: {
        summary: 'The generations that are kept, the newest first.',
        querystring: Type.Object(pageQuery, strict),
        response: { 200: generationsSchema },
      },
    },
    async ({ query }) => listGenerations(input, query),
  );

  app.get(
    '/api/v1/generations/:n',
    {
      schema: {
        summary: 'One generation.',
        params: Type.Object({ n: GenerationNumber }),
        response: { 200: generationSchema },
      },
    },
    async ({ params }) => describeGeneration(params.n, input),
  );

  app.get(
    '/api/v1/generations/:a/diff/:b',
    {
      schema: {
        summary: 'What a release changed: the components that differ between the indexes of generation `a` and `b`.',
        params: Type.Object({ a: GenerationNumber, b: GenerationNumber }),
        querystring: Type.Object(pageQuery, strict),
        response: { 200: generationDiffSchema },
      },
    },
    async ({ params, query }) => diffGenerations({ from: params.a, to: params.b }, store, query),
  );

  app.get(
    '/api/v1/objects',
    {
      schema: {
        summary: 'What a generation lists.',
        querystring: Type.Object(
          {
            generation: Type.Optional(
              Type.Integer({ minimum: 0, description: 'Its number; the current one without it.' }),
            ),
            ...objectsQuery,
            ...pageQuery,
          },
          strict,
        ),
        response: { 200: objectsSchema },
      },
    },
    async ({ query: { generation, ...query } }) => {
      const chosen = generation === undefined ? generations.current() : generationNamed(generation, generations);
      if (!chosen) throw new RelayError('RLY_NOT_READY', {});
      return listObjects(chosen, query);
    },
  );
};

/** What is here, and where it comes from: lists in pages, for people and the console. */
export default fp(routes, { name: 'inventory-api', fastify: '5.x', dependencies: ['admin-api'] });
