import { isLoopback } from '../config/addresses.ts';

/**
 * Whether a Host is loopback or one of `names`, whatever its port. A page of a stranger can have its name resolve to an
 * address of ours and then read what we answer (DNS rebinding); the browser says that name in Host.
 */
export function hostMatcher(names: readonly string[]): (host: string) => boolean {
  const known = new Set(names.map(nameOf));
  return (host) => {
    const name = nameOf(host);
    return known.has(name) || isLoopback(name);
  };
}

/** Without port, brackets and the dot that ends a full name; names fold case (RFC 9110 §4.2.3). */
function nameOf(host: string): string {
  const [, address, name = host] = /^(?:\[(.*)\]|([^:]*))(?::\d+)?$/.exec(host) ?? [];
  return (address ?? name).toLowerCase().replace(/\.$/, '');
}
