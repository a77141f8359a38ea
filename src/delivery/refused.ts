import type { RelayError } from '../errors/relay-error.ts';
import type { Answer } from './answer.ts';
import { refusal } from './refusal.ts';

/** An error as the answer to a request. */
export function refused(
  { id }: { readonly id: string },
  error: RelayError,
  generation: number,
  more: Answer['headers'] = {},
): Answer {
  const { status, headers, body } = refusal(error, id);
  const all = { ...headers, 'X-Relay-Generation': String(generation), ...more };
  return { status, headers: all, body, kind: 'none', cache: 'none', generation };
}
