import type { AddressInfo } from 'node:net';
import { createAgentsListener } from '../../plugins/agents-listener.ts';
import type { Delivery } from '../../src/delivery/delivery.ts';
import type { Events } from '../../src/ports/events.ts';

/** The agents' side of the relay on a free port of 127.0.0.1, ended with the test. Answers its port. */
export async function agentsListener(
  t: { teardown(end: () => unknown): void },
  options: { readonly delivery: Delivery; readonly events: Events; readonly allow?: readonly string[] },
): Promise<number> {
  const { delivery, events, allow = ['127.0.0.0/8'] } = options;
  const app = createAgentsListener({ allow, pseudonym: 'relay-under-test', delivery, events });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  return (app.server.address() as AddressInfo).port;
}
