import fp from 'fastify-plugin';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { RelayError } from '../src/errors/relay-error.ts';
import { describeUpdate, parseAllowance, type Allowance } from '../src/mirror/allowance.ts';
import type { DryRun } from '../src/mirror/dry-run.ts';
import { dryRunSchema } from '../src/mirror/dry-run.ts';
import { statusSchema, type Status } from '../src/telemetry/status.ts';
import { strictValidator } from './strict-validator.ts';
import { whoAsks } from './who-asks.ts';

export interface AdminApiOptions {
  readonly status: () => Status;
  /** Has an update noted and starts it, and answers whether it did; false where one is running already, which is not noted. */
  readonly startUpdate: (note: () => Promise<void>, allow: Allowance | undefined) => Promise<boolean>;
  readonly dryRun: (allow: Allowance | undefined) => Promise<DryRun>;
  /** Tells who begins what, before it begins; rejects where it could not be noted, and then it does not. */
  readonly note: (who: string, what: string) => Promise<void>;
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

const routes: FastifyPluginAsyncTypebox<AdminApiOptions> = async (app, { status, startUpdate, dryRun, note }) => {
  // With Fastify's own a misspelt dryRun would start an update.
  app.setValidatorCompiler(strictValidator);

  const summary = 'The relay at this moment: what agents get, the update, the sources, the disk.';
  app.get('/api/v1/status', { schema: { summary, response: { 200: statusSchema } } }, async () => status());

  app.post(
    '/api/v1/update',
    {
      // Before validation: who may not change anything learns nothing about what would be valid.
      onRequest: app.requireToken,
      // `curl -X POST` sends no body, and means the same as `{}`.
      preValidation: async (request) => void (request.body ??= {}),
      schema: {
        summary: 'Begins an update, unless one is running; or, with `dryRun`, says what it would do.',
        security: [{ token: [] }],
        body: updateRequest,
        response: { 200: dryRunSchema, 202: started },
      },
    },
    async (request, reply) => {
      const { allowOlder: older = false, allowShrink: shrink = false, reason } = request.body;
      const allow = parseAllowance({ older, shrink, reason });
      if (typeof allow === 'string') throw new RelayError('RLY_ADMIN_BAD_REQUEST', { reason: allow });
      if (request.body.dryRun) return dryRun(allow);
      const begun = await startUpdate(() => note(whoAsks(request), describeUpdate(allow)), allow);
      return reply.code(202).send({ started: begun, state: status().update.state });
    },
  );
};

/** The JSON API of the admin listener; the schemas above say what it takes and answers. */
export default fp(routes, { name: 'admin-api', fastify: '5.x', dependencies: ['auth'] });
