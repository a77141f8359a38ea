import { mock } from 'node:test';
import Fastify from 'fastify';
import t from 'tap';
import { listen } from '../../plugins/listening.ts';

t.test('the readers of a listener are looked at every five seconds, as long as it is open', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.teardown(() => mock.timers.reset());
  let looks = 0;
  const connections = { watch() {}, limit() {}, open: () => 0, sweep: () => void (looks += 1) };
  const app = Fastify();
  t.teardown(() => app.close());
  const place = { host: '127.0.0.1', port: 0, scheme: 'http' } as const;
  await listen({ app, connections, sockets: 1 }, 'agents', place);
  mock.timers.tick(15_000);
  t.equal(looks, 3);
  await app.close();
  mock.timers.tick(15_000);
  t.equal(looks, 3);
});
