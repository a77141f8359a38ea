import fp from 'fastify-plugin';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { repairSchema, type Repairs } from '../src/mirror/repair.ts';
import type { Events } from '../src/ports/events.ts';

export interface VerifyApiOptions {
  readonly repairs: Pick<Repairs, 'request' | 'view'>;
  readonly events: Events;
}

const started = Type.Object({ started: Type.Boolean() });
const nothing = Type.Object({}, { additionalProperties: false });

const routes: FastifyPluginAsyncTypebox<VerifyApiOptions> = async (app, { repairs, events }) => {
  app.get('/api/v1/verify', { schema: { response: { 200: repairSchema } } }, async () => repairs.view());

  app.post(
    '/api/v1/verify',
    {
      onRequest: app.requireToken,
      preValidation: async (request) => void (request.body ??= {}),
      schema: { body: nothing, response: { 202: started } },
    },
    async (request, reply) => {
      const begun = repairs.request();
      if (begun) events.emit('admin.changed', { who: request.ip, what: 'a repair of the store' });
      return reply.code(202).send({ started: begun });
    },
  );
};

/** `POST /api/v1/verify`: reads the whole store, deletes what is damaged, and has it fetched again. `GET`: how far that is. */
export default fp(routes, { name: 'verify-api', fastify: '5.x', dependencies: ['admin-api'] });
