import Fastify from 'fastify';
import t, { type Test } from 'tap';
import auth from '../../plugins/auth.ts';
import errorHandler from '../../plugins/error-handler.ts';
import { handClock } from '../support/hand-clock.ts';
import { recordedEvents } from '../support/recorded-events.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';

/** A listener with one guarded route; `ran` counts how often somebody got through. */
function guarded(t: Test, token: string | null) {
  const app = Fastify();
  t.teardown(() => app.close());
  const seen = { ran: 0 };
  const live = { token };
  const clock = handClock();
  const events = recordedEvents();
  app.register(errorHandler, { events });
  app.register(auth, { token: () => live.token, clock, events });
  app.register(async (routes) => {
    const schema = { body: { type: 'object', required: ['a'] } };
    routes.post('/change', { onRequest: routes.requireToken, schema }, async () => {
      seen.ran += 1;
      return 'changed';
    });
  });
  const change = (authorization?: string, payload: object = { a: 1 }, remoteAddress = '127.0.0.1') =>
    app.inject({
      method: 'POST',
      url: '/change',
      payload,
      remoteAddress,
      headers: { ...(authorization !== undefined && { authorization }) },
    });
  return { change, seen, live, clock, events };
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
  for (const [at, authorization] of wrong.entries()) {
    const answer = await change(authorization, {}, `10.0.0.${at}`);
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

t.test('another token is in force as soon as it is there', async (t) => {
  const { change, live } = guarded(t, null);
  t.equal((await change(`Bearer ${TOKEN}`)).statusCode, 403);
  live.token = TOKEN;
  t.equal((await change(`Bearer ${TOKEN}`)).statusCode, 200);
  live.token = TOKEN.toUpperCase();
  t.equal((await change(`Bearer ${TOKEN}`)).statusCode, 401);
});

t.test('who guesses is locked out', async (t) => {
  t.test('after five wrong tokens within a minute, also with the right one, and is told for how long', async (t) => {
    const { change, seen, clock, events } = guarded(t, TOKEN);
    for (let i = 0; i < 5; i += 1) t.equal((await change('Bearer wrong')).statusCode, 401);
    clock.advance(20_500);
    for (const authorization of [`Bearer ${TOKEN}`, 'Bearer wrong', undefined]) {
      const answer = await change(authorization);
      t.equal(answer.statusCode, 429);
      t.equal(answer.headers['retry-after'], '40');
      t.match(answer.json(), { error: 'RLY_ADMIN_LOCKED_OUT', detail: /^127\.0\.0\.1 has sent too many/ });
    }
    t.equal((await change(`Bearer ${TOKEN}`, { a: 1 }, '10.0.0.2')).statusCode, 200, 'everybody else is let in');
    t.equal((await change('Bearer wrong', {}, '::ffff:127.0.0.1')).statusCode, 429, 'the same host over IPv6');
    t.strictSame(events.of('admin.locked-out'), [{ address: '127.0.0.1', seconds: 60 }]);
    t.equal(events.of('admin.unauthorized').length, 5, 'what is not looked at is no attempt');

    clock.advance(39_500);
    t.equal((await change(`Bearer ${TOKEN}`)).statusCode, 200);
    t.equal(seen.ran, 2);
  });

  t.test('not by failures of another minute, nor by those before a success', async (t) => {
    const { change, clock } = guarded(t, TOKEN);
    for (let minute = 0; minute < 3; minute += 1) {
      for (let i = 0; i < 4; i += 1) t.equal((await change('Bearer wrong')).statusCode, 401);
      clock.advance(60_000);
    }
    for (let i = 0; i < 4; i += 1) await change('Bearer wrong');
    t.equal((await change(`Bearer ${TOKEN}`)).statusCode, 200);
    for (let i = 0; i < 4; i += 1) t.equal((await change('Bearer wrong')).statusCode, 401);
  });

  t.test('once more after each five', async (t) => {
    const { change, clock, events } = guarded(t, TOKEN);
    for (let round = 1; round <= 2; round += 1) {
      for (let i = 0; i < 5; i += 1) t.equal((await change('Bearer wrong')).statusCode, 401);
      t.equal((await change('Bearer wrong')).statusCode, 429);
      t.equal(events.of('admin.locked-out').length, round);
      clock.advance(60_000);
    }
  });
});
