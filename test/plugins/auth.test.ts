import Fastify from 'fastify';
import t, { type Test } from 'tap';
import auth from '../../plugins/auth.ts';
import errorHandler from '../../plugins/error-handler.ts';
import { silentEvents } from '../../src/ports/events.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';

/** A listener with one guarded route; `ran` counts how often somebody got through. */
function guarded(t: Test, token: string | null) {
  const app = Fastify();
  t.teardown(() => app.close());
  const seen = { ran: 0 };
  app.register(errorHandler, { events: silentEvents });
  app.register(auth, { token });
  app.register(async (routes) => {
    const schema = { body: { type: 'object', required: ['a'] } };
    routes.post('/change', { onRequest: routes.requireToken, schema }, async () => {
      seen.ran += 1;
      return 'changed';
    });
  });
  const change = (authorization?: string, payload: object = { a: 1 }) =>
    app.inject({
      method: 'POST',
      url: '/change',
      payload,
      headers: { ...(authorization !== undefined && { authorization }) },
    });
  return { change, seen };
}

t.test('without a configured token nobody changes anything, whatever is sent', async (t) => {
  const { change, seen } = guarded(t, null);
  for (const authorization of [undefined, '', 'Bearer ', 'Bearer null', `Bearer ${TOKEN}`]) {
    const answer = await change(authorization);
    t.equal(answer.statusCode, 403);
    t.match(answer.json(), { error: 'RLY_ADMIN_READ_ONLY', detail: /admin\.tokenFile/ });
  }
  t.equal(seen.ran, 0);
});

t.test('only the very token opens', async (t) => {
  const { change, seen } = guarded(t, TOKEN);
  const wrong = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer ${TOKEN} ${TOKEN}`,
    `xBearer ${TOKEN}`,
  ];
  for (const authorization of wrong) {
    const answer = await change(authorization);
    t.equal(answer.statusCode, 401, authorization ?? 'no header');
    t.equal(answer.headers['www-authenticate'], 'Bearer');
    t.match(answer.json(), { error: 'RLY_ADMIN_UNAUTHORIZED', requestId: /\S/ });
    t.notMatch(answer.body, TOKEN);
  }
  t.equal(seen.ran, 0);

  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    t.equal((await change(`${scheme} ${TOKEN}`)).body, 'changed', 'RFC 9110 §11.1: the scheme folds case');
  }
  t.equal(seen.ran, 3);
});

t.test('who may not change anything learns nothing about what would be valid', async (t) => {
  const { change } = guarded(t, TOKEN);
  t.equal((await change('Bearer wrong', {})).statusCode, 401);
  t.equal((await change(`Bearer ${TOKEN}`, {})).statusCode, 400);
});
