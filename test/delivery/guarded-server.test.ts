import t from 'tap';
import { createConnections } from '../../src/delivery/connections.ts';
import { AGENTS_LISTENER_OPTIONS, LISTENER_OPTIONS } from '../../src/delivery/listener-options.ts';
import { guardedServer } from '../../src/delivery/guarded-server.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { silentEvents } from '../../src/ports/events.ts';
import { privateServer } from '../support/private-ca.ts';

t.test('no door stays open for ever, with TLS or without', async (t) => {
  const limits = { most: 7, mostPerAddress: 1, proxies: [] };
  for (const options of [LISTENER_OPTIONS, AGENTS_LISTENER_OPTIONS]) {
    for (const tls of [
      null,
      { files: { ...privateServer, clientCa: null }, clientCertificates: 'required' as const },
    ]) {
      const connections = createConnections({ listener: 'agents', limits, clock: systemClock, events: silentEvents });
      const server = guardedServer({ options, connections, tls }).factory(() => {});
      t.match(server, { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 15_000, timeout: 60_000 });
    }
  }
});
