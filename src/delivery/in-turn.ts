import type { Socket } from 'node:net';

/**
 * Runs a task when all earlier ones of its connection are over; answers undefined, without running it, where the
 * connection has ended by then.
 */
export type InTurn = <T>(connection: Socket, task: () => Promise<T>) => Promise<T | undefined>;

/**
 * Requests that a client sends without waiting are begun one after another, as HTTP answers them one after another
 * (RFC 9112 §9.3.2): an object asked for right behind the index is of that index, a connection has one blob open however
 * much it asks for, and Node never has to say that a response which had not got its turn will not get it any more.
 */
export function createInTurn(): InTurn {
  const latest = new WeakMap<Socket, Promise<unknown>>();
  return (connection, task) => {
    const before = latest.get(connection) ?? Promise.resolve();
    const result = before.then(() => (connection.destroyed ? undefined : task()));
    latest.set(
      connection,
      result.catch(() => {}),
    );
    return result;
  };
}
