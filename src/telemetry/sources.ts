import { Type, type Static } from 'typebox';
import type { RelaySources } from '../policy/relay-sources.ts';
import type { SourceHealth } from '../upstream/source-health.ts';
import { page, pageOf, type PageQuery } from './page.ts';

const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const TimeOrNull = Type.Union([Type.String({ description: 'ISO 8601' }), Type.Null()]);

/** Which sources. */
export const sourcesQuery = {
  kind: Type.Optional(
    Type.Enum(['components', 'programs', 'hotfixes', 'domainSettings'], {
      description: 'Of which kind of item; components without it.',
    }),
  ),
};

/** What `GET /api/v1/sources` answers, in the order in which they are tried. */
export const sourcesSchema = pageOf(
  Type.Object({
    url: Type.String({ description: 'Base URL, without credentials.' }),
    type: Type.String(),
    state: Type.Enum(['ok', 'failing', 'unknown'], {
      description: 'As its last answer was; unknown before the first.',
    }),
    lastError: TextOrNull,
    lastSuccessAt: TimeOrNull,
    failures: Type.Integer({ minimum: 0, description: 'Since the last success.' }),
    benchedUntil: Type.Union([Type.String(), Type.Null()], {
      description: 'Until then it is passed over while another may do.',
    }),
    notBefore: Type.Union([Type.String(), Type.Null()], {
      description: 'Until then it is not asked, as it said in Retry-After.',
    }),
  }),
  { kind: Type.String() },
);

export type Sources = Static<typeof sourcesSchema>;

export interface SourcesQuery extends PageQuery {
  readonly kind?: keyof RelaySources;
}

/** One page of the sources this relay updates from. `now` in ms since the epoch. */
export function listSources(
  order: RelaySources,
  health: Pick<SourceHealth, 'record' | 'notBefore'>,
  now: number,
  { kind = 'components', ...query }: SourcesQuery,
): Sources {
  const { items, ...rest } = page<{ readonly url: string; readonly type: string }>(order[kind], query);
  return {
    kind,
    ...rest,
    items: items.map(({ url, type }) => {
      const { lastError, lastSuccessAt, failures, benchedUntil } = health.record(url);
      return {
        url,
        type,
        state: lastError ? 'failing' : lastSuccessAt === null ? 'unknown' : 'ok',
        lastError: lastError && `${lastError.code}: ${lastError.message}`,
        lastSuccessAt: timeOf(lastSuccessAt),
        failures,
        benchedUntil: timeOf(benchedUntil > now ? benchedUntil : null),
        notBefore: timeOf(health.notBefore(url)),
      };
    }),
  };
}

const timeOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
