import fp from 'fastify-plugin';
import { TypeBoxValidatorCompiler, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { DryRun } from '../src/mirror/dry-run.ts';
import { dryRunSchema } from '../src/mirror/dry-run.ts';
import type { Events } from '../src/ports/events.ts';
import { statusSchema, type Status } from '../src/telemetry/status.ts';

export interface AdminApiOptions {
  readonly status: () => Status;
  /** Starts an update and answers whether it did; false where one is running already. */
  readonly startUpdate: () => boolean;
  readonly dryRun: () => Promise<DryRun>;
  readonly events: Events;
}

const started = Type.Object({ started: Type.Boolean(), state: Type.String() });
const updateRequest = Type.Object({ dryRun: Type.Optional(Type.Boolean()) }, { additionalProperties: false });

const routes: FastifyPluginAsyncTypebox<AdminApiOptions> = async (app, { status, startUpdate, dryRun, events }) => {
  // Fastify's own drops fields it does not know and takes "true" for true: a misspelt dryRun would start an update.
  app.setValidatorCompiler(TypeBoxValidatorCompiler);

  app.get('/api/v1/status', { schema: { response: { 200: statusSchema } } }, async () => status());

  app.post(
    '/api/v1/update',
    {
      // Before validation: who may not change anything learns nothing about what would be valid.
      onRequest: app.requireToken,
      // `curl -X POST` sends no body, and means the same as `{}`.
      preValidation: async (request) => void (request.body ??= {}),
      schema: { body: updateRequest, response: { 200: dryRunSchema, 202: started } },
    },
    async (request, reply) => {
      if (request.body.dryRun) return dryRun();
      const begun = startUpdate();
      if (begun) events.emit('admin.changed', { who: request.ip, what: 'an update' });
      return reply.code(202).send({ started: begun, state: status().update.state });
    },
  );
};

/** The JSON API of the admin listener; the schemas above say what it takes and answers. */
export default fp(routes, { name: 'admin-api', fastify: '5.x', dependencies: ['auth'] });
