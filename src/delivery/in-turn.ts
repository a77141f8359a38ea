import type { Socket } from 'node:net';

/**
 * Runs a task when all earlier ones of its connection are over: at once where none is under way, and then its result is the answer,
 * not a promise of it, if the task's is none. Answers undefined, without running it, where the connection has ended by then.
 */
export type InTurn = <T>(connection: Socket, task: () => T | Promise<T>) => T | undefined | Promise<T | undefined>;

/**
 * Requests that a client sends without waiting are begun one after another, as HTTP answers them one after another
 * (RFC 9112 §9.3.2): an object asked for right behind the index is of that index, a connection has one blob open however
 * much it asks for, and Node never has to say that a response which had not got its turn will not get it any more.
 */
export function createInTurn(): InTurn {
  /** Of connections with a task under way. */
  const latest = new WeakMap<Socket, Promise<unknown>>();
  return (connection, task) => {
    const run = () => (connection.destroyed ? undefined : task());
    const before = latest.get(connection);
    const result = before ? before.then(run) : run();
    if (!(result instanceof Promise)) return result;
    const over = (): void => {
      if (latest.get(connection) === settled) latest.delete(connection);
    };
    const settled = result.then(over, over);
    latest.set(connection, settled);
    return result;
  };
}
