import t from 'tap';
import { createAgentsServer } from '../../src/delivery/agents-server.ts';

t.test('no door stays open for ever', async (t) => {
  const server = createAgentsServer(() => {});
  t.match(server, { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 15_000, timeout: 60_000 });
});
