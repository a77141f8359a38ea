/** By this name a relay is known to others, in the Via field of what it asks and answers (RFC 9110 §7.6.3). */
const RELAY_NAME = /^relay-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Relays in a chain. Nobody has so many tiers; a longer one is made up, or goes in a circle. */
const MOST_RELAYS = 16;

export const isRelayName = (text: unknown): text is string => typeof text === 'string' && RELAY_NAME.test(text);

/**
 * Whether a request was sent, or passed on, under `pseudonym`, as its Via field tells
 * (`1.1 pseudonym (comment), …`). `via` is undefined where a request has none.
 */
export function cameBy(via: string | undefined, pseudonym: string): boolean {
  return hopsOf(via ?? '').includes(pseudonym);
}

/** The relays that an answer came through, the first to pass it on first. Proxies in between are left out. */
export function relaysIn(via: string | null): string[] {
  return hopsOf(via ?? '')
    .filter(isRelayName)
    .slice(-MOST_RELAYS);
}

/** The Via field of what came through these. */
export function viaField(names: readonly string[]): string {
  return names.map((name) => `1.1 ${name}`).join(', ');
}

function hopsOf(via: string): string[] {
  return via.split(',').map((hop) => hop.trim().split(/\s+/)[1] ?? '');
}
