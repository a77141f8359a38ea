import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { truncate } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createHotMemory } from '../../src/delivery/hot-memory.ts';
import { noOnDemand } from '../support/no-on-demand.ts';
import { noPullThrough } from '../support/no-pull-through.ts';
import t, { type Test } from 'tap';
import { createDelivery, type Delivery } from '../../src/delivery/delivery.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { agentsListener } from '../support/agents-listener.ts';
import { parseByteranges } from '../support/byteranges.ts';
import { get, sendRaw } from '../support/exchange.ts';
import { recordedEvents, type RecordedEvents } from '../support/recorded-events.ts';
import { stockedStore, type StockedStore } from '../support/stocked-store.ts';

const MIB = 1024 * 1024;

interface Relay extends StockedStore {
  readonly port: number;
  readonly events: RecordedEvents;
}

async function relay(
  t: Test,
  change: (delivery: Delivery) => Delivery = (delivery) => delivery,
  more: { readonly trustedProxies?: readonly string[]; readonly mostDownloads?: number } = {},
): Promise<Relay> {
  const stocked = await stockedStore(t);
  const events = recordedEvents();
  const options = {
    clock: systemClock,
    events,
    serverSection: 'comment',
    memory: 16 * MIB,
    hot: createHotMemory(0),
    onDemand: noOnDemand,
    ...noPullThrough,
  } as const;
  const delivery = change(createDelivery({ store: stocked.store, ...options }));
  return { ...stocked, events, port: await agentsListener(t, { delivery, events, ...more }) };
}

t.test('an object arrives as it is, small from memory and large from disk', async (t) => {
  const { port, publish } = await relay(t);
  const files = { 'small.zip': randomBytes(10_000), 'large.zip': randomBytes(5 * MIB + 3) };
  await publish(files);
  for (const [path, content] of Object.entries(files)) {
    const answer = await get(port, `/activeupdate/${path}`);
    t.equal(answer.status, 200);
    t.ok(answer.body.equals(content), path);
    t.match(answer.headers, { 'content-length': String(content.length), 'accept-ranges': 'bytes' });
    t.match(answer.headers, { 'cache-status': 'relay; hit', 'x-relay-generation': '1', 'cache-control': 'no-cache' });
    for (const absent of ['transfer-encoding', 'server', 'x-powered-by', 'last-modified']) {
      t.notOk(absent in answer.headers, absent);
    }
  }
});

t.test('ranges arrive as single and as multipart answers', async (t) => {
  const { port, publish } = await relay(t);
  const content = randomBytes(3 * MIB);
  await publish({ 'large.zip': content });
  const one = await get(port, '/activeupdate/large.zip', { headers: { range: 'bytes=1048570-2097159' } });
  t.equal(one.status, 206);
  t.ok(one.body.equals(content.subarray(1048570, 2097160)));

  const two = await get(port, '/activeupdate/large.zip', { headers: { range: 'bytes=-5,0-600000' } });
  t.equal(two.headers['content-length'], String(two.body.length));
  const parts = parseByteranges(String(two.headers['content-type']), two.body);
  t.strictSame(
    parts.map(({ range }) => range),
    [`bytes ${3 * MIB - 5}-${3 * MIB - 1}/${3 * MIB}`, `bytes 0-600000/${3 * MIB}`],
  );
  t.ok(
    Buffer.concat(parts.map(({ data }) => data)).equals(
      Buffer.concat([content.subarray(-5), content.subarray(0, 600001)]),
    ),
  );
});

t.test(
  'a release between index and objects does not reach an agent, over the same connection or another',
  async (t) => {
    const { port, publish } = await relay(t);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.teardown(() => agent.destroy());
    await publish({ 'a.zip': 'old' }, '; old');
    t.equal(String((await get(port, '/activeupdate/server.ini', { agent })).body), '; old');
    await publish({ 'a.zip': 'new' }, '; new');
    t.equal(String((await get(port, '/activeupdate/a.zip', { agent })).body), 'old');
    t.equal(String((await get(port, '/activeupdate/a.zip')).body), 'old', 'by its address');

    const options = { localAddress: '127.0.0.2' };
    t.equal(String((await get(port, '/activeupdate/server.ini', options)).body), '; new');
    t.equal(String((await get(port, '/activeupdate/a.zip', options)).body), 'new', 'another address');
    t.equal(String((await get(port, '/activeupdate/a.zip', { agent })).body), 'old');
  },
);

t.test('agents behind one address keep apart by their connections', async (t) => {
  const { port, publish } = await relay(t);
  const agents = Array.from({ length: 20 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  t.teardown(() => agents.forEach((agent) => agent.destroy()));
  await publish({ 'a.zip': 'old' }, '; old');
  for (const agent of agents.slice(0, 10)) await get(port, '/activeupdate/server.ini', { agent });
  await publish({ 'a.zip': 'new' }, '; new');
  for (const agent of agents.slice(10)) await get(port, '/activeupdate/server.ini', { agent });
  const bodies = await Promise.all(
    agents.map(async (agent) => String((await get(port, '/activeupdate/a.zip', { agent })).body)),
  );
  t.strictSame(bodies, [...Array(10).fill('old'), ...Array(10).fill('new')]);
});

t.test('agents behind a proxy share its connections, and keep apart by their addresses', async (t) => {
  const { port, publish, events } = await relay(t, undefined, { trustedProxies: ['127.0.0.1'] });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const as = async (address: string, path: string) =>
    String((await get(port, `/activeupdate/${path}`, { agent, headers: { 'x-forwarded-for': address } })).body);
  await publish({ 'a.zip': 'old' }, '; old');
  t.equal(await as('127.1.0.1', 'server.ini'), '; old');
  await publish({ 'a.zip': 'new' }, '; new');
  t.equal(await as('127.1.0.2', 'server.ini'), '; new');
  t.equal(await as('127.1.0.1', 'a.zip'), 'old', 'the index of another one came over this connection since');
  t.equal(await as('127.1.0.2', 'a.zip'), 'new');
  t.strictSame(
    events.of('agent.answered').map(({ address }) => address),
    ['127.1.0.1', '127.1.0.2', '127.1.0.1', '127.1.0.2'],
  );
});

t.test('an address that has its downloads gets 503, and its place back when one has ended', async (t) => {
  const { port, publish, events } = await relay(t, undefined, { mostDownloads: 2 });
  await publish({ 'large.zip': randomBytes(24 * MIB), 'small.zip': 'small' });
  const stalled = await Promise.all(
    [1, 2].map(async () => {
      const asking = request({ host: '127.0.0.1', port, path: '/activeupdate/large.zip', agent: false }).end();
      const [response] = await once(asking, 'response');
      return { asking, response };
    }),
  );
  const refused = await get(port, '/activeupdate/large.zip');
  t.match(refused, { status: 503, headers: { 'retry-after': '10' } });
  t.match(JSON.parse(String(refused.body)), { error: 'RLY_TOO_MANY_DOWNLOADS' });
  t.match(events.of('agent.answered'), [{ status: 503, kind: 'none', path: '/activeupdate/large.zip' }]);
  t.equal((await get(port, '/activeupdate/small.zip')).status, 200);
  t.equal((await get(port, '/activeupdate/large.zip', { method: 'HEAD' })).status, 200);
  t.equal((await get(port, '/activeupdate/large.zip', { localAddress: '127.0.0.2' })).status, 200);

  stalled[0]?.asking.destroy();
  await events.nth('agent.answered', 5);
  t.equal((await get(port, '/activeupdate/large.zip')).status, 200);
  stalled[1]?.asking.destroy();
});

t.test('HTTP/1.0 with a port in Host is answered with a length, and the connection ends', async (t) => {
  const { port, publish } = await relay(t);
  await publish({ 'a.zip': 'content' });
  const answer = await sendRaw(port, `GET /activeupdate/a.zip HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  t.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  t.match(answer, /\r\nContent-Length: 7\r\n/);
  t.match(answer, /\r\nConnection: close\r\n/);
  t.notMatch(answer, /Transfer-Encoding/i);
  t.match(answer, /\r\n\r\ncontent$/);
});

t.test('HTTP/1.0 keeps the connection where it is asked for', async (t) => {
  const { port, publish } = await relay(t);
  await publish({ 'a.zip': 'content' });
  const line = 'GET /activeupdate/a.zip HTTP/1.0\r\n';
  const answers = await sendRaw(port, `${line}Connection: keep-alive\r\n\r\n${line}\r\n`);
  t.equal(answers.split('content').length - 1, 2);
  t.match(answers, /\r\nConnection: keep-alive\r\n[^]*\r\nConnection: close\r\n/);
});

t.test('requests sent without waiting are answered in their order', async (t) => {
  const { port, publish } = await relay(t);
  const large = 'large'.repeat(300_000);
  await publish({ 'large.zip': large, 'a.zip': 'small' });
  const one = (path: string, more = '') => `GET /activeupdate/${path} HTTP/1.1\r\nHost: relay\r\n${more}\r\n`;
  const answers = await sendRaw(
    port,
    one('large.zip') + one('a.zip') + one('none') + one('a.zip', 'Connection: close\r\n'),
  );
  const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]);
  t.strictSame(statuses, ['200', '200', '404', '200']);
  t.ok(answers.includes(`\r\n\r\n${large}HTTP/1.1 200`));
});

t.test('an index and its objects may be asked for in one breath', async (t) => {
  const { port, publish } = await relay(t);
  const socket = connect(port, '127.0.0.1');
  const one = (path: string, more = '') => `GET /activeupdate/${path} HTTP/1.1\r\nHost: relay\r\n${more}\r\n`;
  await publish({ 'a.zip': 'old' }, '; old');
  socket.write(one('server.ini') + one('a.zip'));
  await once(socket, 'data');
  await publish({ 'a.zip': 'new' }, '; new');
  socket.write(one('server.ini') + one('a.zip', 'Connection: close\r\n'));
  t.match(String(await buffer(socket)), /; new[^]*\r\n\r\nnew$/);
});

t.test('who asks for much at once and leaves keeps nothing open', async (t) => {
  const { port, publish, events, store } = await relay(t);
  await publish({ 'large.zip': Buffer.alloc(32 * MIB), 'other.zip': Buffer.alloc(32 * MIB, 1) });
  const socket = connect(port, '127.0.0.1');
  const one = (path: string) => `GET /activeupdate/${path} HTTP/1.1\r\nHost: relay\r\n\r\n`;
  socket.write(one('large.zip') + one('other.zip').repeat(50));
  await once(socket, 'data');
  socket.destroy();
  t.ok(Number((await events.nth('agent.answered', 1)).bytes) < 32 * MIB);
  for (let n = 0; n < 3; n += 1) await publish({});
  t.ok((await store.collect(new Set())) >= 64 * MIB);
});

t.test('what stands behind a refused request is not answered', async (t) => {
  const { port, publish } = await relay(t);
  await publish({ 'large.zip': Buffer.alloc(4 * MIB) });
  const one = (path: string) => `GET /activeupdate/${path} HTTP/1.1\r\nHost: relay\r\n\r\n`;
  const answers = await sendRaw(port, one('large.zip') + one('../a') + one('large.zip') + one('server.ini'));
  t.strictSame(answers.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 400']);
});

t.test('HEAD, 304 and errors leave the connection usable', async (t) => {
  const { port, publish } = await relay(t);
  await publish({ 'a.zip': 'content' });
  const { headers } = await get(port, '/activeupdate/a.zip');
  const one = (method: string, path: string, more = '') =>
    `${method} /activeupdate/${path} HTTP/1.1\r\nHost: relay\r\n${more}\r\n`;
  const answers = await sendRaw(
    port,
    one('HEAD', 'a.zip') +
      one('GET', 'a.zip', `If-None-Match: ${headers['etag']}\r\n`) +
      one('HEAD', 'none') +
      one('GET', 'a.zip', 'Range: bytes=99-\r\n') +
      one('GET', 'a.zip', 'Connection: close\r\n'),
  );
  const heads = answers.split('HTTP/1.1 ').slice(1);
  t.match(heads[0], /^200 [^]*\r\nContent-Length: 7\r\n[^]*\r\n\r\n$/);
  t.match(heads[1], /^304 [^]*\r\nETag: "[^]*\r\n\r\n$/);
  t.notMatch(heads[1], /Content-Length|Transfer-Encoding/);
  t.match(heads[2], /^404 [^]*\r\nContent-Length: \d+\r\n[^]*\r\n\r\n$/);
  t.match(heads[3], /^416 [^]*\r\nContent-Range: bytes \*\/7\r\n[^]*\r\n\r\n\{"error":"RLY_RANGE_NOT_SATISFIABLE"/);
  t.match(heads[4], /^200 [^]*content$/);
});

t.test('each answer is told once, with what became of it', async (t) => {
  const { port, publish, events } = await relay(t);
  const large = randomBytes(2 * MIB);
  await publish({ 'pattern/v_1.2': 'delta', 'large.zip': large });
  await get(port, '/activeupdate/server.ini');
  await get(port, '/activeupdate/pattern/v_1.2', { headers: { range: 'bytes=0-1' } });
  await get(port, '/activeupdate/large.zip');
  await get(port, '/activeupdate/none.zip', { method: 'HEAD' });
  await events.nth('agent.answered', 4);
  const common = { address: '127.0.0.1', method: 'GET', generation: 1, cache: 'hit' };
  t.strictSame(events.of('agent.answered'), [
    { ...common, path: '/activeupdate/server.ini', status: 200, bytes: 10, length: 10, kind: 'index' },
    { ...common, path: '/activeupdate/pattern/v_1.2', status: 206, bytes: 2, length: 2, kind: 'incremental' },
    { ...common, path: '/activeupdate/large.zip', status: 200, bytes: 2 * MIB, length: 2 * MIB, kind: 'pattern' },
    {
      ...common,
      path: '/activeupdate/none.zip',
      method: 'HEAD',
      status: 404,
      bytes: 0,
      length: 0,
      kind: 'none',
      cache: 'none',
    },
  ]);
});

t.test('a client that leaves in the middle is told as such, and holds no blob open', async (t) => {
  const { port, publish, events, store } = await relay(t);
  await publish({ 'large.zip': Buffer.alloc(64 * MIB) });
  const asking = request({ host: '127.0.0.1', port, path: '/activeupdate/large.zip' }).end();
  const [response] = await once(asking, 'response');
  await once(response, 'data');
  response.destroy();
  const { bytes, length } = await events.nth('agent.answered', 1);
  t.equal(length, 64 * MIB);
  t.ok(Number(bytes) < 64 * MIB);
  for (let n = 0; n < 3; n += 1) await publish({});
  t.ok((await store.collect(new Set())) >= 64 * MIB);
});

t.test('a blob that is cut short under a download cuts the download', async (t) => {
  const { port, publish, events, fileOf } = await relay(t);
  const { objects } = await publish({ 'large.zip': Buffer.alloc(64 * MIB) });
  const asking = request({ host: '127.0.0.1', port, path: '/activeupdate/large.zip' }).end();
  const [response] = await once(asking, 'response');
  const [large] = objects;
  if (large) await truncate(fileOf(large), MIB);
  await t.rejects(buffer(response), { code: 'ECONNRESET' });
  t.match(await events.nth('blob.broken', 1), { sha256: large?.sha256, reason: /^it ends at byte / });
  const { bytes, length } = await events.nth('agent.answered', 1);
  t.ok(Number(bytes) < Number(length));
});

t.test('a bug is a masked 500 that still tells the generation', async (t) => {
  const { port, publish, events } = await relay(t, (delivery) => ({
    ...delivery,
    answer() {
      throw new TypeError('secrets of the house');
    },
  }));
  await publish({});
  const { status, headers, body } = await get(port, '/activeupdate/a.zip');
  t.equal(status, 500);
  t.match(headers, {
    'x-relay-generation': '1',
    'content-length': String(body.length),
    'cache-status': /RLY_INTERNAL/,
  });
  t.match(JSON.parse(String(body)), { error: 'RLY_INTERNAL', requestId: /^req-/ });
  t.notMatch(String(body), 'secrets');
  t.match(events.of('error.internal'), [{ error: /secrets of the house/ }]);
  t.match(events.of('agent.answered'), [{ status: 500, kind: 'none', bytes: body.length }]);
});
