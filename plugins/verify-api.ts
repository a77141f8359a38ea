import fp from 'fastify-plugin';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { repairSchema, type Repairs } from '../src/mirror/repair.ts';
import type { Change } from '../src/ports/audit.ts';
import { whoAsks } from './who-asks.ts';

export interface VerifyApiOptions {
  readonly repairs: Pick<Repairs, 'request' | 'view'>;
  /** Tells of a change before it is made; rejects where it could not be noted, and then it is not made. */
  readonly note: (change: Change) => Promise<void>;
}

const started = Type.Object({ started: Type.Boolean() });
const nothing = Type.Object({}, { additionalProperties: false });

const routes: FastifyPluginAsyncTypebox<VerifyApiOptions> = async (app, { repairs, note }) => {
  const summary = 'How far the repair of the store is, or what the last one came to.';
  app.get('/api/v1/verify', { schema: { summary, response: { 200: repairSchema } } }, async () => repairs.view());

  app.post(
    '/api/v1/verify',
    {
      onRequest: app.requireToken,
      preValidation: async (request) => void (request.body ??= {}),
      schema: {
        summary: 'Reads the whole store, deletes what is damaged, and has it fetched again; unless that is under way.',
        security: [{ token: [] }],
        body: nothing,
        response: { 202: started },
      },
    },
    async (request, reply) => {
      await note({ who: whoAsks(request), what: 'a repair of the store', before: null, after: null });
      return reply.code(202).send({ started: repairs.request() });
    },
  );
};

/** `POST /api/v1/verify`: reads the whole store, deletes what is damaged, and has it fetched again. `GET`: how far that is. */
export default fp(routes, { name: 'verify-api', fastify: '5.x', dependencies: ['admin-api'] });
