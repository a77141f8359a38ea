import Fastify from 'fastify';
import t from 'tap';
import errorHandler from '../../plugins/error-handler.ts';
import notFound from '../../plugins/not-found.ts';
import { silentEvents } from '../../src/ports/events.ts';

function app() {
  const listener = Fastify({ exposeHeadRoutes: false });
  t.teardown(() => listener.close());
  listener.register(errorHandler, { events: silentEvents });
  listener.register(notFound);
  listener.register(async (routes) => {
    routes.get('/one', async () => 'got');
    routes.post('/one', async () => 'posted');
    routes.get('/list/:n', async () => 'item');
  });
  return listener;
}

t.test('a path without a route is 404', async (t) => {
  for (const url of ['/nothing?at=all', '/', '/list', '/list/1/2', '/ONE']) {
    const answer = await app().inject(url);
    t.equal(answer.statusCode, 404, url);
    t.match(answer.json(), { error: 'RLY_ADMIN_NOT_FOUND', detail: `there is no ${url} here` });
    t.notOk('allow' in answer.headers);
  }
});

t.test('a method without a route on a path that has others is 405, and says which', async (t) => {
  for (const [method, url, allow] of [
    ['DELETE', '/one', 'GET, POST'],
    ['HEAD', '/one?x=1', 'GET, POST'],
    ['POST', '/list/7', 'GET'],
  ] as const) {
    const answer = await app().inject({ method, url });
    t.equal(answer.statusCode, 405, `${method} ${url}`);
    t.equal(answer.headers.allow, allow);
  }
  t.equal((await app().inject({ method: 'POST', url: '/one' })).body, 'posted');
});
