import fp from 'fastify-plugin';
import { TypeBoxValidatorCompiler, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { RelayError } from '../src/errors/relay-error.ts';
import { describeUpdate, parseAllowance, type Allowance } from '../src/mirror/allowance.ts';
import type { DryRun } from '../src/mirror/dry-run.ts';
import { dryRunSchema } from '../src/mirror/dry-run.ts';
import type { Events } from '../src/ports/events.ts';
import { statusSchema, type Status } from '../src/telemetry/status.ts';

export interface AdminApiOptions {
  readonly status: () => Status;
  /** Starts an update and answers whether it did; false where one is running already. */
  readonly startUpdate: (allow: Allowance | undefined) => boolean;
  readonly dryRun: (allow: Allowance | undefined) => Promise<DryRun>;
  readonly events: Events;
}

const started = Type.Object({ started: Type.Boolean(), state: Type.String() });
const updateRequest = Type.Object(
  {
    dryRun: Type.Optional(Type.Boolean()),
    allowOlder: Type.Optional(Type.Boolean()),
    allowShrink: Type.Optional(Type.Boolean()),
    reason: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

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
      const { allowOlder: older = false, allowShrink: shrink = false, reason } = request.body;
      const allow = parseAllowance({ older, shrink, reason });
      if (typeof allow === 'string') throw new RelayError('RLY_ADMIN_BAD_REQUEST', { reason: allow });
      if (request.body.dryRun) return dryRun(allow);
      const begun = startUpdate(allow);
      if (begun) events.emit('admin.changed', { who: request.ip, what: describeUpdate(allow) });
      return reply.code(202).send({ started: begun, state: status().update.state });
    },
  );
};

/** The JSON API of the admin listener; the schemas above say what it takes and answers. */
export default fp(routes, { name: 'admin-api', fastify: '5.x', dependencies: ['auth'] });
