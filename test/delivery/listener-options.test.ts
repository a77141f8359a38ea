import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import Fastify from 'fastify';
import t, { type Test } from 'tap';
import { AGENTS_LISTENER_OPTIONS, LISTENER_OPTIONS } from '../../src/delivery/listener-options.ts';
import { agentsGate } from '../../src/delivery/gates.ts';
import { sendRaw } from '../support/exchange.ts';
import { recordedEvents } from '../support/recorded-events.ts';
import { testServer } from '../support/test-server.ts';

/** A listener with these options and other times; `/` waits until `answer` is called. */
async function listener(t: Test, http: object = {}, times: { requestTimeout?: number } = {}, allow = ['127.0.0.1']) {
  const { promise, resolve: answer } = Promise.withResolvers<string>();
  const events = recordedEvents();
  const options = { ...AGENTS_LISTENER_OPTIONS, http: { ...AGENTS_LISTENER_OPTIONS.http, ...http }, ...times };
  const gate = agentsGate({ allow, trustedProxies: [] });
  const app = Fastify({ ...options, clientErrorHandler: testServer(events).clientErrorHandler(gate) });
  app.get('/', () => promise);
  app.post('/', () => promise);
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  return { app, events, answer, port: (app.server.address() as AddressInfo).port };
}

t.test('no door stays open for ever', async (t) => {
  for (const options of [LISTENER_OPTIONS, AGENTS_LISTENER_OPTIONS]) {
    const { server } = Fastify(options);
    t.match(server, { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 15_000, timeout: 60_000 });
  }
});

t.test('what is no HTTP is 400 with a code and a length, and the connection ends', async (t) => {
  const { port, events } = await listener(t);
  const answer = await sendRaw(port, '\u0016\u0003\u0001 hello\r\n\r\n');
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  t.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/);
  t.match(head, `Content-Length: ${body.length}`);
  t.match(head, 'Connection: close');
  t.match(JSON.parse(body), { error: 'RLY_BAD_REQUEST', requestId: null });
  const told = { listener: 'agents', count: 1, reason: 'what came was no HTTP', address: '127.0.0.1' };
  t.strictSame(events.of('connections.ended'), [told]);
});

t.test('a stranger learns no more than that he is one, whatever he sends', async (t) => {
  const { port, events } = await listener(t, {}, {}, ['10.0.0.0/8']);
  for (const text of ['rubbish\r\n\r\n', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(9000)}\r\n\r\n`]) {
    const answer = await sendRaw(port, text);
    t.match(answer, /^HTTP\/1\.1 403 [^]*RLY_ADDRESS_NOT_ALLOWED/);
    t.notMatch(answer, /HPE_/);
  }
  const reason = 'what came was no request, from an address that may not ask';
  t.match(events.of('connections.ended'), [{ count: 1, reason, address: '127.0.0.1' }], 'in one line a minute');
});

t.test('more than 8 KiB of fields is 431', async (t) => {
  const { port, events } = await listener(t);
  const answer = await sendRaw(port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(9000)}\r\n\r\n`);
  t.match(answer, /^HTTP\/1\.1 431 [^]*RLY_HEADER_TOO_LARGE/);
  t.match(events.of('connections.ended'), [{ reason: 'the head of a request was too large' }]);
});

t.test('fields that do not come to an end are 408', async (t) => {
  const { port, events } = await listener(t, { headersTimeout: 20, connectionsCheckingInterval: 20 });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n');
  t.match(String(await buffer(socket)), /^HTTP\/1\.1 408 [^]*RLY_REQUEST_TIMEOUT/);
  t.match(events.of('connections.ended'), [{ reason: 'a request took too long to arrive' }]);
});

t.test('a body that does not come to an end is 408', async (t) => {
  const { port } = await listener(t, { headersTimeout: 20, connectionsCheckingInterval: 20 }, { requestTimeout: 40 });
  const socket = connect(port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
  t.match(String(await buffer(socket)), /^HTTP\/1\.1 408 [^]*RLY_REQUEST_TIMEOUT/);
});

t.test(
  'rubbish behind an answer is not answered: in the middle of a body it would pass for the object’s bytes',
  async (t) => {
    const { app, events, port, answer } = await listener(t);
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    answer('answer');
    await once(socket, 'data');
    const ended = once(app.server, 'clientError');
    socket.write('rubbish\r\n\r\n');
    await ended;
    t.equal(String(await buffer(socket)), '');
    t.match(events.of('connections.ended'), [{ reason: 'what came was no HTTP' }]);
  },
);

t.test('a client that resets its connection while it asks is no error', async (t) => {
  const { app, events, port } = await listener(t);
  const connected = once(app.server, 'connection');
  const socket = connect(port, '127.0.0.1');
  await connected;
  const gone = once(app.server, 'clientError');
  socket.write('GET / HTTP/1.1\r\n', () => socket.resetAndDestroy());
  const [error] = await gone;
  t.equal(error.code, 'ECONNRESET');
  t.strictSame(events.of('connections.ended'), []);
});

t.test('a request over a busy connection is still answered while the listener closes', async (t) => {
  const { app, port, answer } = await listener(t);
  const socket = connect(port, '127.0.0.1');
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const first = once(app.server, 'request');
  socket.write(request);
  await first;
  const closed = app.close();
  const second = once(app.server, 'request');
  socket.write(request);
  await second;
  answer('answer');
  const answers = String(await buffer(socket));
  await closed;
  t.match(answers, /^HTTP\/1\.1 200 [^]*answerHTTP\/1\.1 200 [^]*\r\nConnection: close\r\n[^]*answer$/i);
});
