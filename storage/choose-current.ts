import type { Generation } from '../src/ports/generation.ts';
import type { Checked } from './checked-json.ts';

export interface Choice {
  readonly current: Generation | undefined;
  /** Why the pointer could not be followed, or null. */
  readonly mended: string | null;
  /** Whole, but newer than the pointer says: their publication was killed before its last step. */
  readonly unpublished: readonly Generation[];
}

/**
 * Which generation is current after a start: the one the pointer names; where it is broken, missing, or names one
 * that is not whole, the newest that is. `whole` is newest first. Pure.
 */
export function chooseCurrent(pointer: Checked<number>, whole: readonly Generation[]): Choice {
  const named = 'value' in pointer ? whole.find(({ number }) => number === pointer.value) : undefined;
  if (named !== undefined) {
    return { current: named, mended: null, unpublished: whole.filter(({ number }) => number > named.number) };
  }
  const reason =
    'value' in pointer ? `it names generation ${pointer.value}, which is not whole` : `it ${pointer.reason}`;
  const [newest] = whole;
  return { current: newest, mended: newest === undefined ? null : reason, unpublished: [] };
}
