import type { Socket } from 'node:net';

const ending = new WeakSet<Socket>();

/**
 * From now on nothing that comes over this connection is looked at: the request just refused is the last of it, and what was sent
 * behind that one may be its body. Node would hand it over all the same, as it has read it by then.
 */
export function isLast(connection: Socket): void {
  ending.add(connection);
}

/** Whether the last request of this connection has been refused already. Whoever is asked must not act on another one. */
export function hadLast(connection: Socket): boolean {
  return ending.has(connection);
}
