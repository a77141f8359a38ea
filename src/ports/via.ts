/**
 * Whether a request was sent, or passed on, under `pseudonym`, as its Via field tells (RFC 9110 §7.6.3:
 * `1.1 pseudonym (comment), …`). `via` is undefined where a request has none.
 */
export function cameBy(via: string | undefined, pseudonym: string): boolean {
  const hops = via?.split(',') ?? [];
  return hops.some((hop) => hop.trim().split(/\s+/)[1] === pseudonym);
}
