import type { AddressInfo } from 'node:net';
import { createAgentsListener } from '../../plugins/agents-listener.ts';
import type { Delivery } from '../../src/delivery/delivery.ts';
import { createDownloads } from '../../src/delivery/downloads.ts';
import { agentsGate } from '../../src/delivery/gates.ts';
import type { Events } from '../../src/ports/events.ts';
import { testServer } from './test-server.ts';

/** The agents' side of the relay on a free port of 127.0.0.1, ended with the test. Answers its port. */
export async function agentsListener(
  t: { teardown(end: () => unknown): void },
  options: {
    readonly delivery: Delivery;
    readonly events: Events;
    readonly allow?: readonly string[];
    readonly trustedProxies?: readonly string[];
    readonly mostDownloads?: number;
  },
): Promise<number> {
  const { delivery, events, allow = ['127.0.0.0/8'], trustedProxies = [], mostDownloads = 64 } = options;
  const app = createAgentsListener({
    gate: agentsGate({ allow, trustedProxies }),
    pseudonym: 'relay-under-test',
    delivery,
    downloads: createDownloads(() => mostDownloads),
    events,
    server: testServer(events),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  return (app.server.address() as AddressInfo).port;
}
