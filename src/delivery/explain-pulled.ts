import { Type, type Static } from 'typebox';
import type { PullTarget } from '../ports/pull-through.ts';

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
const TimeOrNull = OrNull(Type.String({ description: 'ISO 8601' }));
const TextOrNull = OrNull(Type.String());

/** What `relay explain PATH` and `GET /api/v1/explain?path=` answer for a path that no index lists, and that may be asked for upstream. */
export const pulledExplanationSchema = Type.Object({
  /** As it was asked for upstream. */
  path: Type.String(),
  kind: Type.Enum(['hotfix', 'domain-settings']),
  /**
   * `fresh`: given without a question. `stale`: its source is asked first, and without an answer it is given all the same.
   * `expired`: not without an answer. `absent`: not here, its sources are asked when an agent does. `private`: nothing is told.
   */
  state: Type.Enum(['fresh', 'stale', 'expired', 'absent', 'private']),
  // All of these are null where nothing is here, or nothing is told.
  size: OrNull(Type.Integer({ minimum: 0 })),
  sha256: TextOrNull,
  proof: TextOrNull,
  /** Base URL of the source it came from. */
  source: TextOrNull,
  fetchedAt: TimeOrNull,
  /** When its source last said that it holds. */
  checkedAt: TimeOrNull,
  freshUntil: TimeOrNull,
  staleUntil: TimeOrNull,
});

export type PulledExplanation = Static<typeof pulledExplanationSchema>;

const NOTHING = {
  size: null,
  sha256: null,
  proof: null,
  source: null,
  fetchedAt: null,
  checkedAt: null,
  freshUntil: null,
  staleUntil: null,
} as const;

/** What is known of a path on the allow-list at `now`, ms since the epoch. */
export function explainPulled(target: PullTarget, now: number): PulledExplanation {
  const { kind, shown } = target;
  if (kind === 'domain-settings') return { path: shown, kind, state: 'private', ...NOTHING };
  const known = target.facts();
  if (!known) return { path: shown, kind, state: 'absent', ...NOTHING };
  const isOver = (time: string): boolean => now >= Date.parse(time);
  const state = !isOver(known.freshUntil) ? 'fresh' : isOver(known.staleUntil) ? 'expired' : 'stale';
  return { kind, state, ...known };
}
