import { createConnections } from '../../src/delivery/connections.ts';
import { guardedServer, type GuardedServer } from '../../src/delivery/guarded-server.ts';
import { AGENTS_LISTENER_OPTIONS } from '../../src/delivery/listener-options.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { Events } from '../../src/ports/events.ts';

/** A server as agents have it, with room for all connections a test makes. */
export function testServer(events: Events): GuardedServer {
  const limits = { most: 10_000, mostPerAddress: 10_000, proxies: [] };
  const connections = createConnections({ listener: 'agents', limits, clock: systemClock, events });
  return guardedServer({ options: AGENTS_LISTENER_OPTIONS, connections });
}
