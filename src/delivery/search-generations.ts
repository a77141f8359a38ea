import type { Generation } from '../ports/generation.ts';

/**
 * Looks a path up for an agent: in its own generation, then in all that are `kept`, newest first. Agents behind one address share its
 * pin, and most names exist in one generation only (docs/adr/0002-generations-and-sticky-agents.md).
 */
export function searchGenerations<T>(
  own: Generation,
  kept: readonly Generation[],
  look: (generation: Generation) => T | undefined,
): T | undefined {
  const found = look(own);
  if (found !== undefined) return found;
  for (const generation of kept) {
    const other = generation === own ? undefined : look(generation);
    if (other !== undefined) return other;
  }
  return undefined;
}
