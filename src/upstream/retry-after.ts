import { parseHttpDate } from './http-date.ts';

/**
 * What a Retry-After header asks for, in ms from `now` (ms since the epoch); a date that has passed asks for 0.
 * Null when there is no header, or none that can be read (RFC 9110 §10.2.3: seconds or an HTTP date).
 */
export function parseRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = parseHttpDate(value);
  return date === null ? null : Math.max(0, date - now);
}
