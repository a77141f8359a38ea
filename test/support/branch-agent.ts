import { Agent } from 'node:http';
import { get, type HttpAnswer } from './exchange.ts';

/** An agent of the branch with an address of its own, by which a relay knows it. */
export interface BranchAgent {
  /** One GET below `/activeupdate`. */
  ask(path: string): Promise<HttpAnswer>;
  /** The body of a 200; null for anything else. */
  read(path: string): Promise<Buffer | null>;
}

/**
 * `address`: a loopback address to come from. `connection`: `kept` uses one for all requests; `fresh` makes one for each,
 * as an agent does that knows no keep-alive.
 */
export function branchAgent(
  t: { teardown(end: () => unknown): void },
  relayUrl: string,
  address: string,
  connection: 'kept' | 'fresh' = 'kept',
): BranchAgent {
  const { port } = new URL(relayUrl);
  const agent = new Agent({ keepAlive: connection === 'kept', maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const ask = (path: string) => get(Number(port), `/activeupdate/${path}`, { agent, localAddress: address });
  return {
    ask,
    async read(path) {
      const { status, body } = await ask(path);
      return status === 200 ? body : null;
    },
  };
}
