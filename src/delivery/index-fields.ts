import type { Provenance } from '../ports/provenance.ts';
import { viaField } from '../ports/via.ts';
import type { AnswerHeaders } from './answer.ts';

/**
 * What an answer with the index tells of where it comes from, at `now` (ms since the epoch): its Age (RFC 9111 §5.1), counted
 * from when the origin was last known to have it, through all tiers; and the relays it came through, this one last. A relay
 * below needs both. Objects have neither: what they are does not change with time.
 */
export function indexFields({ confirmedAt, relays }: Provenance, self: string, now: number): AnswerHeaders {
  return { Age: String(Math.max(0, Math.floor((now - confirmedAt) / 1000))), Via: viaField([...relays, self]) };
}
