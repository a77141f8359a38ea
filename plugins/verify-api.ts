import fp from 'fastify-plugin';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { REPAIR, repairSchema, type Repairs } from '../src/mirror/repair.ts';
import { whoAsks } from './who-asks.ts';

export interface VerifyApiOptions {
  readonly repairs: Pick<Repairs, 'request' | 'view'>;
  /** Tells who begins what, before it begins; rejects where it could not be noted, and then it does not. */
  readonly note: (who: string, what: string) => Promise<void>;
}

const answer = Type.Object({ started: Type.Boolean() });
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
        response: { 202: answer },
      },
    },
    async (request, reply) => {
      const started = await repairs.request(() => note(whoAsks(request), REPAIR));
      return reply.code(202).send({ started });
    },
  );
};

/** `POST /api/v1/verify`: reads the whole store, deletes what is damaged, and has it fetched again. `GET`: how far that is. */
export default fp(routes, { name: 'verify-api', fastify: '5.x', dependencies: ['admin-api'] });
