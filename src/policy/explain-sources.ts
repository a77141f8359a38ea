import { Type, type Static } from 'typebox';
import { decideSources } from './decide-sources.ts';
import { ROLES, type NotTried, type Question, type SourceSettings } from './decision.ts';
import { ITEM_KINDS } from './item-kind.ts';

const Step = Type.Object({
  source: Type.String({ description: 'URL as it is configured' }),
  type: Type.Enum(['customized', 'officeScanServer', 'activeUpdate']),
  reason: Type.String(),
});

/** What `relay explain --kind` and `GET /api/v1/explain?kind=` answer. */
export const sourcesExplanationSchema = Type.Object({
  kind: Type.Enum([...ITEM_KINDS]),
  role: Type.Enum([...ROLES]),
  /** In their order. When all have failed, the update quits. */
  attempts: Type.Array(Step),
  notTried: Type.Array(Step),
});

export type SourcesExplanation = Static<typeof sourcesExplanationSchema>;

/** The decision for people and their scripts. Pure. */
export function explainSources(question: Question, settings: SourceSettings): SourcesExplanation {
  const { kind, role, attempts, notTried } = decideSources(question, settings);
  return { kind, role, attempts: attempts.map(step), notTried: notTried.map(step) };
}

function step({ source, type, reason }: NotTried): Static<typeof Step> {
  return { source, type, reason };
}
