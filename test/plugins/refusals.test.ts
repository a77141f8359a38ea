import { METHODS } from 'node:http';
import { createHotMemory } from '../../src/delivery/hot-memory.ts';
import { noOnDemand } from '../support/no-on-demand.ts';
import { noPullThrough } from '../support/no-pull-through.ts';
import t, { type Test } from 'tap';
import { createDelivery } from '../../src/delivery/delivery.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { agentsListener } from '../support/agents-listener.ts';
import { get, sendRaw } from '../support/exchange.ts';
import { recordedEvents, type RecordedEvents } from '../support/recorded-events.ts';
import { stockedStore } from '../support/stocked-store.ts';

interface Relay {
  readonly port: number;
  readonly events: RecordedEvents;
}

async function relay(t: Test, allow: readonly string[] = ['127.0.0.1']): Promise<Relay> {
  const { store, publish } = await stockedStore(t);
  await publish({ 'a b.zip': 'content' });
  const events = recordedEvents();
  const delivery = createDelivery({
    store,
    clock: systemClock,
    events,
    serverSection: 'comment',
    memory: 1024,
    hot: createHotMemory(0),
    onDemand: noOnDemand,
    ...noPullThrough,
  });
  return { port: await agentsListener(t, { delivery, events, allow }), events };
}

/** The one answer in what came back, taken apart. Fails where more came than its length says. */
function only(t: Test, raw: string) {
  const [head = '', body = ''] = raw.split('\r\n\r\n', 2);
  t.equal(Number(/\r\nContent-Length: (\d+)/i.exec(head)?.[1]), Buffer.byteLength(body), 'Content-Length is true');
  t.equal(raw.length, head.length + 4 + body.length, 'nothing follows');
  return { status: Number(head.split(' ')[1]), head, error: JSON.parse(body) };
}

/** Sends a request that the gate should refuse, and a proper one right behind it, which is not to be answered. */
async function refused(t: Test, { port }: Relay, text: string) {
  const next = 'GET /activeupdate/server.ini HTTP/1.1\r\nHost: relay\r\n\r\n';
  const answer = only(t, await sendRaw(port, text + next));
  t.match(answer.head, /\r\nConnection: close/i);
  t.match(answer.head, /\r\nX-Relay-Generation: 1/i);
  t.match(answer.head, new RegExp(`\\r\\nCache-Status: relay; detail=${answer.error.error}\\r\\n`, 'i'));
  t.match(answer.head, /\r\nContent-Type: application\/json/i);
  t.match(answer.error, { detail: /\w/, requestId: /^req-/ });
  return answer;
}

t.test('a proper path passes, decoded once and without its query', async (t) => {
  const { port } = await relay(t);
  t.equal((await get(port, '/activeupdate/a%20b.zip?x=%zz')).status, 200);
});

t.test('an address outside agents.allow is 403', async (t) => {
  const { port, events } = await relay(t, ['10.0.0.0/8']);
  const { status, body } = await get(port, '/activeupdate/server.ini');
  t.equal(status, 403);
  t.match(JSON.parse(String(body)), { error: 'RLY_ADDRESS_NOT_ALLOWED', detail: /^127\.0\.0\.1 is in none/ });
  t.match(events.of('agent.answered'), [{ address: '127.0.0.1', path: '/activeupdate/server.ini', status: 403 }]);
});

t.test('the relay’s own request is 508: one of its sources leads back to it', async (t) => {
  const { port } = await relay(t);
  const ask = (via: string) => get(port, '/activeupdate/server.ini', { headers: { via } });
  const { status, body } = await ask('1.1 relay-under-test, 1.1 squid (squid/6.6)');
  t.equal(status, 508);
  t.match(JSON.parse(String(body)), { error: 'RLY_LOOP', detail: /sources\.customized/ });
  t.equal((await ask('1.1 relay-elsewhere')).status, 200);
});

t.test('what is no HTTP is 403 from such an address', async (t) => {
  const { port } = await relay(t, ['10.0.0.0/8']);
  t.match(await sendRaw(port, 'rubbish\r\n\r\n'), /^HTTP\/1\.1 403 [^]*RLY_ADDRESS_NOT_ALLOWED/);
});

t.test('nobody is allowed where the list is empty', async (t) => {
  const { port } = await relay(t, []);
  t.equal((await get(port, '/activeupdate/server.ini')).status, 403);
});

t.test('every other method is 405 with Allow', async (t) => {
  const served = await relay(t);
  for (const method of METHODS.filter((name) => !['GET', 'HEAD'].includes(name))) {
    const target = method === 'CONNECT' ? 'relay:443' : '/activeupdate/a.zip';
    const { status, head, error } = await refused(t, served, `${method} ${target} HTTP/1.1\r\nHost: relay\r\n\r\n`);
    t.equal(status, 405, method);
    t.equal(error.error, 'RLY_METHOD_NOT_ALLOWED');
    t.match(head, /\r\nAllow: GET, HEAD/i);
    t.match(served.events.of('agent.answered').at(-1), { method, path: target, status: 405 });
  }
});

t.test('a CONNECT behind a refused request takes nothing from its answer', async (t) => {
  const bad = 'GET /a//b HTTP/1.1\r\nHost: relay\r\n\r\n';
  const { status } = await refused(t, await relay(t), `${bad}CONNECT relay:443 HTTP/1.1\r\nHost: relay\r\n\r\n`);
  t.equal(status, 400);
});

t.test('what is no proper request is 400, and its connection ends', async (t) => {
  const served = await relay(t);
  const requests: Record<string, string> = {
    'no Host': 'GET /a HTTP/1.1\r\n\r\n',
    'two Hosts': 'GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'a Host that is none': 'GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n',
    'two Hosts in HTTP/1.0': 'GET /a HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n',
    'a body': 'GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde',
    'a chunked body': 'GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'an upgrade': 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'an expectation': 'GET /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n',
    'an unknown expectation': 'GET /a HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n',
    'a proxy request': 'GET http://osce.example.com/a HTTP/1.1\r\nHost: a\r\n\r\n',
    'a proxy request to nowhere': 'GET http://:0:0/%zz HTTP/1.1\r\nHost: a\r\n\r\n',
    'a fragment': 'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n',
    'a climbing path': 'GET /activeupdate/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n',
    'an escaped climbing path': 'GET /activeupdate/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n',
    'a backslash': 'GET /activeupdate/..\\..\\etc\\passwd HTTP/1.1\r\nHost: a\r\n\r\n',
    'an escape that is none': 'GET /activeupdate/%zz HTTP/1.1\r\nHost: a\r\n\r\n',
    'a byte of no UTF-8': 'GET /activeupdate/%ff HTTP/1.1\r\nHost: a\r\n\r\n',
    'an empty segment': 'GET //activeupdate/server.ini HTTP/1.1\r\nHost: a\r\n\r\n',
  };
  for (const [what, text] of Object.entries(requests)) {
    const { status, error } = await refused(t, served, text);
    t.equal(status, 400, what);
    t.equal(error.error, 'RLY_BAD_REQUEST', what);
  }
});

t.test('a target of more than 2 KiB is 414', async (t) => {
  const { error, status } = await refused(t, await relay(t), `GET /${'a'.repeat(2048)} HTTP/1.1\r\nHost: a\r\n\r\n`);
  t.equal(status, 414);
  t.equal(error.error, 'RLY_TARGET_TOO_LONG');
});

t.test('a refusal of HEAD has no body', async (t) => {
  const { port, events } = await relay(t);
  const answer = await sendRaw(port, 'HEAD /a//b HTTP/1.1\r\nHost: a\r\n\r\n');
  t.match(answer, /^HTTP\/1\.1 400 [^]*\r\nContent-Length: [1-9]\d+\r\n[^]*\r\n\r\n$/i);
  t.match(events.of('agent.answered'), [{ status: 400, bytes: 0, length: 0 }]);
});
