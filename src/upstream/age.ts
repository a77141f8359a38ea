/** The greatest age there is (RFC 9111 §1.2.2). Seconds. */
const OLDEST = 2 ** 31;

/**
 * What an Age field says, in seconds; of several values the first counts, and what is no number is as good as nothing
 * (RFC 9111 §5.1). An origin sends none: 0.
 */
export function parseAge(value: string | null): number {
  const [first = ''] = (value ?? '').split(',');
  return /^\d+$/.test(first.trim()) ? Math.min(OLDEST, Number(first)) : 0;
}
