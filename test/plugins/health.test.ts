import Fastify from 'fastify';
import t from 'tap';
import health from '../../plugins/health.ts';

t.test('alive from the start; ready from the first generation on, and until then when to ask again', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  let ready = false;
  app.register(health, { ready: () => ready });

  const live = await app.inject('/livez');
  t.equal(live.statusCode, 200);
  t.strictSame(live.json(), { status: 'ok' });

  const before = await app.inject('/readyz');
  t.equal(before.statusCode, 503);
  t.equal(before.headers['retry-after'], '30');
  t.strictSame(before.json(), { status: 'no generation has been mirrored yet' });

  ready = true;
  const after = await app.inject('/readyz');
  t.equal(after.statusCode, 200);
  t.equal(after.headers['retry-after'], undefined);
  t.strictSame(after.json(), { status: 'ok' });
});
