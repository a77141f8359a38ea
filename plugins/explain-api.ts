import fp from 'fastify-plugin';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Delivery } from '../src/delivery/delivery.ts';
import { explainObject, objectExplanationSchema } from '../src/delivery/explain-object.ts';
import { explainPulled, pulledExplanationSchema } from '../src/delivery/explain-pulled.ts';
import { RelayError } from '../src/errors/relay-error.ts';
import type { SourceSettings } from '../src/policy/decision.ts';
import { explainSources, sourcesExplanationSchema } from '../src/policy/explain-sources.ts';
import { addressProblem, parseQuestion } from '../src/policy/parse-question.ts';
import type { Clock } from '../src/ports/clock.ts';
import type { PullThrough } from '../src/ports/pull-through.ts';
import type { Store } from '../src/ports/store.ts';

export interface ExplainApiOptions {
  readonly settings: () => SourceSettings;
  /** The addresses of this host now. */
  readonly addresses: () => readonly string[];
  readonly delivery: Pick<Delivery, 'generationOf' | 'fillOf'>;
  readonly generations: Pick<Store['generations'], 'current' | 'list'>;
  readonly pullThrough: PullThrough;
  readonly clock: Pick<Clock, 'now'>;
}

const words = Type.Object(
  {
    path: Type.Optional(Type.String()),
    kind: Type.Optional(Type.String()),
    role: Type.Optional(Type.String()),
    agent: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
const explanation = Type.Union([sourcesExplanationSchema, objectExplanationSchema, pulledExplanationSchema]);

const routes: FastifyPluginAsyncTypebox<ExplainApiOptions> = async (app, options) => {
  const { settings, addresses, delivery, generations, pullThrough, clock } = options;

  const summary = 'Which sources are tried for a `kind` of item, and why; or what an agent is given for a `path`.';
  const schema = { summary, querystring: words, response: { 200: explanation } };
  app.get('/api/v1/explain', { schema }, async ({ query }) => {
    const { path, kind, role, agent } = query;
    if (kind !== undefined && path === undefined) {
      const question = parseQuestion({ kind, role, agent }, addresses());
      return typeof question === 'string' ? refuse(question) : explainSources(question, settings());
    }
    if (path === undefined || kind !== undefined) return refuse('it takes either kind or path');
    if (role !== undefined) return refuse('role goes with kind, not with path');
    const problem = addressProblem(agent);
    if (problem !== undefined) return refuse(problem);
    const target = pullThrough.find(path);
    return target
      ? explainPulled(target, clock.now())
      : explainObject({ path, agent: agent ?? null }, delivery, generations);
  });
};

function refuse(reason: string): never {
  throw new RelayError('RLY_ADMIN_BAD_REQUEST', { reason });
}

/** `GET /api/v1/explain`: which sources are tried, and why; or what an agent is given for a path, and where that came from. */
export default fp(routes, { name: 'explain-api', fastify: '5.x', dependencies: ['admin-api'] });
