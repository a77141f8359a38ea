import Fastify, { type FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import errorHandler from '../../plugins/error-handler.ts';
import { RelayError } from '../../src/errors/relay-error.ts';
import { recordedEvents } from '../support/recorded-events.ts';

/** A listener whose one route fails with `error`. */
function failing(t: Test, error?: unknown) {
  const events = recordedEvents();
  const app: FastifyInstance = Fastify();
  t.teardown(() => app.close());
  app.register(errorHandler, { events });
  app.register(async (routes) => {
    routes.post('/', { schema: { body: { type: 'object', required: ['a'] } } }, async () => {
      throw error;
    });
  });
  return { app, events };
}

const good = { method: 'POST', url: '/', payload: { a: 1 } } as const;

t.test('an error of the catalogue is told with its code, what and advice, as its fault or code demands', async (t) => {
  const errors: [number, RelayError][] = [
    [404, new RelayError('RLY_NOT_LISTED', { path: '/a' })],
    [503, new RelayError('RLY_NOT_READY', {})],
    [401, new RelayError('RLY_ADMIN_UNAUTHORIZED', {})],
    [403, new RelayError('RLY_ADMIN_READ_ONLY', {})],
    [400, new RelayError('RLY_USAGE', { problem: 'no', command: 'none' })],
    [503, new RelayError('RLY_STORAGE_FULL', { bytes: 1, path: '/store', reason: 'full' })],
    [500, new RelayError('RLY_CONFIG_MISSING', { places: 'here' })],
  ];
  for (const [status, error] of errors) {
    const { app, events } = failing(t, error);
    const answer = await app.inject(good);
    t.equal(answer.statusCode, status, error.code);
    t.match(answer.headers, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    t.equal(answer.headers['content-length'], String(answer.rawPayload.length));
    t.equal(answer.headers['retry-after'], status === 503 ? '60' : undefined);
    t.equal(answer.headers['www-authenticate'], status === 401 ? 'Bearer' : undefined);
    const detail = `${error.message}. ${error.advice}`;
    t.strictSame(answer.json(), { error: error.code, detail, requestId: 'req-1' });
    t.strictSame(events.of('error.internal'), []);
  }
});

t.test('anything else is a bug: masked for the client, told to the log under the same id', async (t) => {
  for (const error of [new TypeError('secret'), Object.assign(new Error('secret'), { statusCode: 502 }), 'secret']) {
    const { app, events } = failing(t, error);
    const answer = await app.inject(good);
    t.equal(answer.statusCode, 500);
    t.match(answer.json(), { error: 'RLY_INTERNAL', requestId: 'req-1' });
    t.notMatch(answer.body, 'secret');
    t.match(events.of('error.internal'), [{ error: /^req-1: (\w*Error: )?secret/ }]);
  }
});

t.test('what Fastify refuses is the client’s fault, and says why', async (t) => {
  const { app, events } = failing(t);
  const answers = [
    await app.inject({ ...good, payload: { b: 1 } }),
    await app.inject({ ...good, payload: '{', headers: { 'content-type': 'application/json' } }),
    await app.inject({ ...good, payload: 'a', headers: { 'content-type': 'text/xml' } }),
  ];
  for (const answer of answers) {
    t.equal(answer.statusCode, 400);
    t.match(answer.json(), { error: 'RLY_ADMIN_BAD_REQUEST', detail: /^the request is not understood: \S/ });
  }
  t.strictSame(events.of('error.internal'), []);
});
