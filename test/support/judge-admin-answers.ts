import { isDeepStrictEqual } from 'node:util';
import { Value } from 'typebox/value';
import type { TSchema } from 'typebox';
import { objectExplanationSchema } from '../../src/delivery/explain-object.ts';
import { pulledExplanationSchema } from '../../src/delivery/explain-pulled.ts';
import { repairSchema } from '../../src/mirror/repair.ts';
import { sourcesExplanationSchema } from '../../src/policy/explain-sources.ts';
import { generationDiffSchema } from '../../src/telemetry/generation-diff.ts';
import { generationSchema, generationsSchema } from '../../src/telemetry/generations.ts';
import { objectsSchema } from '../../src/telemetry/objects.ts';
import { sourcesSchema } from '../../src/telemetry/sources.ts';
import { statusSchema } from '../../src/telemetry/status.ts';
import { parseExposition } from './exposition.ts';
import type { Verdict } from './judge-answers.ts';
import { readAnswers, refusalFlaw, shown } from './read-answers.ts';

/** What a stranger may be answered, who has no token: nothing is the relay's own fault. */
const STATUSES: ReadonlySet<number> = new Set([
  200, 304, 400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 421, 429, 431,
]);

/** All that a GET of the paths below may come to. */
const SCHEMAS: readonly TSchema[] = [
  statusSchema,
  sourcesSchema,
  generationsSchema,
  generationSchema,
  generationDiffSchema,
  objectsSchema,
  repairSchema,
  sourcesExplanationSchema,
  objectExplanationSchema,
  pulledExplanationSchema,
];

/** Where the admin listener has something, without the stream of events, which has no end, and the API's own description. */
export const ADMIN_PATHS: readonly string[] = [
  '/api/v1/status',
  '/api/v1/update',
  '/api/v1/verify',
  '/api/v1/sources',
  '/api/v1/generations?limit=1',
  '/api/v1/generations/1',
  '/api/v1/generations/1/diff/1',
  '/api/v1/objects',
  '/api/v1/explain?kind=components',
  '/api/v1/explain?path=/activeupdate/server.ini',
  '/metrics',
  '/livez',
  '/readyz',
];

/**
 * Judges the bytes that came back over one connection to the admin listener. Each answer is whole, has one of the statuses
 * above, and a body that is metrics, a refusal, or JSON that one of the API's schemas describes to the last field.
 */
export function judgeAdminAnswers(bytes: Buffer, heads: number): Verdict {
  const answers = readAnswers(bytes, STATUSES, heads);
  if (typeof answers === 'string') return answers;
  for (const { status, fields, body } of answers) {
    if (body === undefined) continue;
    const flaw = status === 200 ? contentFlaw(fields.get('content-type') ?? '', body) : refusalFlaw(body);
    if (flaw !== undefined) return flaw;
  }
  return { statuses: answers.map(({ status }) => status) };
}

function contentFlaw(type: string, body: Buffer): string | undefined {
  try {
    if (type.startsWith('text/plain')) parseExposition(body.toString());
    else if (!isOfTheApi(JSON.parse(body.toString()))) return `content that is not of the API: ${shown(body)}`;
    return undefined;
  } catch (error) {
    return `content that cannot be read, ${String(error)}: ${shown(body)}`;
  }
}

function isOfTheApi(value: unknown): boolean {
  if (isDeepStrictEqual(value, { status: 'ok' })) return true;
  return SCHEMAS.some(
    (schema) => Value.Check(schema, value) && isDeepStrictEqual(Value.Clean(schema, structuredClone(value)), value),
  );
}
