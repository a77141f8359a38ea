import type { Generation } from '../ports/generation.ts';

/**
 * The generations in which a path is looked up for an agent: its own, then all that are `kept`, newest first. Agents
 * behind one address share its pin, and most names exist in one generation only (docs/adr/0002-generations-and-sticky-agents.md).
 */
export function searchOrder(own: Generation, kept: readonly Generation[]): readonly Generation[] {
  return [own, ...kept];
}
