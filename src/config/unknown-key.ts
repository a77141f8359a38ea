import { didYouMean } from './did-you-mean.ts';
import type { Problem } from './problems.ts';

/** A key that is in no schema: a misspelt one would be a setting that silently does nothing. `parent` is empty at the top. */
export function unknownKey(parent: string, label: string, known: readonly string[], where: string): Problem {
  return {
    where,
    key: parent ? `${parent}.${label}` : label,
    found: 'an unknown key',
    expected: `one of ${known.join(', ')}${didYouMean(label, known)}`,
  };
}
