import { once } from 'node:events';
import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { Answer } from '../../src/delivery/answer.ts';
import { createDownloads } from '../../src/delivery/downloads.ts';
import { agentsGate } from '../../src/delivery/gates.ts';
import { createRequestListener, type AgentsListener } from '../../src/delivery/request-listener.ts';
import type { Growing } from '../../src/ports/growing.ts';
import { get } from '../support/exchange.ts';
import { recordedEvents, type RecordedEvents } from '../support/recorded-events.ts';
import { testServer } from '../support/test-server.ts';

interface Listening extends AgentsListener {
  readonly port: number;
  readonly events: RecordedEvents;
  /** What was handed over. */
  readonly refused: unknown[];
}

/** A listener whose delivery answers what `answer` does. */
async function listening(t: Test, answer: () => Answer | Promise<Answer>, mostDownloads = 64): Promise<Listening> {
  const events = recordedEvents();
  const refused: unknown[] = [];
  const gate = agentsGate({ allow: ['127.0.0.1'], trustedProxies: [] });
  const downloads = createDownloads(() => mostDownloads);
  const options = { gate, downloads, pseudonym: 'relay-under-test', nextId: () => 'req-1' };
  const agents = createRequestListener({ ...options, delivery: { answer }, events }, (_request, response, error) => {
    refused.push(error);
    response.writeHead(500, { 'Content-Length': 0 }).end();
  });
  const server = testServer(events).factory(agents.listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ...agents, events, refused, port: (server.address() as AddressInfo).port };
}

const body = Buffer.from('content');
const headers = { 'Content-Length': String(body.length) };
const answer: Answer = { status: 200, headers, body, kind: 'pattern', cache: 'hit', generation: 3 };

t.test('an answer at hand is over, and told, when its request has been heard', async (t) => {
  const { port, events, answered, refused } = await listening(t, () => answer);
  t.equal(String((await get(port, '/a')).body), 'content');
  await answered();
  t.match(events.of('agent.answered'), [{ path: '/a', status: 200, bytes: 7, length: 7, cache: 'hit', generation: 3 }]);
  t.strictSame(refused, []);
});

t.test('answered waits for one that is not at hand yet', async (t) => {
  const coming = Promise.withResolvers<Answer>();
  const asked = Promise.withResolvers<void>();
  const { port, events, answered } = await listening(t, () => {
    asked.resolve();
    return coming.promise;
  });
  const got = get(port, '/a');
  await asked.promise;
  let over = false;
  const waiting = answered().then(() => (over = true));
  await new Promise(setImmediate);
  t.notOk(over);
  coming.resolve(answer);
  await waiting;
  t.equal(events.of('agent.answered').length, 1);
  t.equal((await got).status, 200);
});

t.test('a bug in the middle of an answer cuts it, and is told', async (t) => {
  const growing: Growing = {
    size: 7,
    available: () => 7,
    arrival: async () => {},
    slice: () => body,
    read: async () => 7,
    whenWorthless: () => () => {},
  };
  const broken: Answer['body'] = {
    growing,
    get parts(): never {
      throw new TypeError('a bug');
    },
  };
  const { port, refused, events, answered } = await listening(t, () => ({ ...answer, body: broken }));
  await t.rejects(get(port, '/a'), { code: 'ECONNRESET' });
  await answered();
  t.match(events.of('error.internal'), [{ error: /a bug/ }]);
  t.strictSame(refused, []);
});

t.test('once the listener closes, each answer is the last of its connection', async (t) => {
  const { port, closing } = await listening(t, () => answer);
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  t.equal((await get(port, '/a', { agent })).headers.connection, 'keep-alive');
  closing();
  t.equal((await get(port, '/a', { agent })).headers.connection, 'close');
});

t.test('a bug is handed over, thrown or rejected, and so is what the gate refuses, with its connection', async (t) => {
  const bug = new TypeError('a bug');
  const throws = (): Answer => {
    throw bug;
  };
  for (const broken of [throws, async () => throws()]) {
    const { port, refused, answered } = await listening(t, broken);
    t.equal((await get(port, '/a')).status, 500);
    t.strictSame(refused, [bug]);
    await answered();
  }
  const { port, refused } = await listening(t, () => answer);
  t.equal((await get(port, '/a//b')).headers.connection, 'close');
  t.match(refused, [{ code: 'RLY_BAD_REQUEST' }]);
  t.not((await get(port, '/a', { headers: { via: '1.1 relay-under-test' } })).headers.connection, 'close');
  t.match(refused[1], { code: 'RLY_LOOP' });
});

t.test('no Via lifts the limit of downloads: anybody can send one', async (t) => {
  const large = Buffer.alloc(2 * 1024 * 1024);
  const { port } = await listening(
    t,
    () => ({ ...answer, body: large, headers: { 'Content-Length': String(large.length) } }),
    0,
  );
  for (const via of ['1.1 relay-0f0f0f0f-0000-4000-8000-0f0f0f0f0f0f', '1.1 proxy.example.com']) {
    t.equal((await get(port, '/a', { headers: { via } })).status, 503, via);
  }
});
