import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const NOTE = Type.Object({
  /** When the last walk that came to its end had begun; ms since the epoch. */
  lastWalk: Type.Union([Type.Integer(), Type.Null()]),
  /** The walk that was broken off: when it had begun, and the last blob it looked at. */
  unfinished: Type.Union([Type.Object({ begunAt: Type.Integer(), after: Type.String() }), Type.Null()]),
});

/** What the scrubber knows over a restart. */
export type ScrubNote = Static<typeof NOTE>;

/** What is known from before; of another shape it says nothing, and the walk begins anew. */
export function readScrubNote(known: unknown): ScrubNote {
  return Value.Check(NOTE, known) ? known : { lastWalk: null, unfinished: null };
}
