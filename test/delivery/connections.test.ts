import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import t, { type Test } from 'tap';
import { type ConnectionLimits, createConnections } from '../../src/delivery/connections.ts';
import { eventually } from '../support/eventually.ts';
import { handClock } from '../support/hand-clock.ts';
import { recordedEvents } from '../support/recorded-events.ts';
import { selfSigned } from '../support/self-signed.ts';

/** More than the kernel holds on a connection that nobody reads from. */
const BODY = Buffer.alloc(24 * 1024 * 1024);

/** Milliseconds: of two requests, and of a head. */
const TIMES = { keepAliveTimeout: 15_000, headersTimeout: 10_000 };

const LIMITS: ConnectionLimits = { most: 100, mostPerAddress: 2, proxies: ['127.0.0.9'] };

async function site(t: Test, change: Partial<ConnectionLimits> = {}, secure = false) {
  const [clock, events] = [handClock(), recordedEvents()];
  const connections = createConnections({ listener: 'agents', limits: { ...LIMITS, ...change }, clock, events });
  /** Of the request for it. */
  const late = Promise.withResolvers<ServerResponse>();
  const handler: RequestListener = (request, response) => {
    if (request.url === '/late') late.resolve(response);
    else response.end(request.url === '/large' ? BODY : 'small');
    connections.asked(request.socket, response);
  };
  const server: Server = secure
    ? createSecureServer({ ...selfSigned, ...TIMES }, handler)
    : createServer(TIMES, handler);
  connections.watch(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  /** A connection from `localAddress`, and whether it was let in: asked something, it answers. */
  async function knock(localAddress = '127.0.0.1'): Promise<{ socket: Socket; letIn: boolean }> {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    t.teardown(() => socket.destroy());
    socket.on('error', () => {});
    const { promise: ended, resolve } = Promise.withResolvers<false>();
    socket.once('close', () => resolve(false));
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const answered = once(socket, 'data').then(
      () => true,
      () => false,
    );
    return { socket, letIn: await Promise.race([answered, ended]) };
  }
  /** A connection, over TLS where the site has it. */
  async function open(): Promise<Socket> {
    const socket = secure
      ? connectSecure({ port, host: '127.0.0.1', ca: selfSigned.cert })
      : connect({ port, host: '127.0.0.1' });
    t.teardown(() => socket.destroy());
    socket.on('error', () => {});
    await once(socket, secure ? 'secureConnect' : 'connect');
    return socket;
  }
  return { clock, events, connections, knock, open, late: late.promise };
}

t.test('an address has so many connections, and one that ends makes room', async (t) => {
  const { connections, events, knock } = await site(t);
  const first = await knock();
  t.equal((await knock()).letIn, true);
  t.equal((await knock()).letIn, false, 'reset, without a word');
  t.equal((await knock('127.0.0.2')).letIn, true, 'another address is not concerned');
  t.equal(connections.open(), 3);
  const reason = 'its address has all the places it may have';
  t.strictSame(events.of('connections.ended'), [{ listener: 'agents', count: 1, reason, address: '127.0.0.1' }]);

  first.socket.destroy();
  await eventually('the end', () => connections.open() === 2);
  t.equal((await knock()).letIn, true);
});

t.test('a proxy brings many agents, and is not counted as one', async (t) => {
  const { knock } = await site(t);
  for (let i = 0; i < 5; i += 1) t.equal((await knock('127.0.0.9')).letIn, true);
});

t.test('connections beyond those of all are closed as they come, and told in one line a minute', async (t) => {
  const { clock, connections, events, knock } = await site(t, { most: 3, mostPerAddress: 10 });
  for (let i = 0; i < 3; i += 1) t.equal((await knock()).letIn, true);
  for (let i = 0; i < 20; i += 1) t.equal((await knock()).letIn, false);
  t.match(events.of('connections.ended'), [{ count: 1, reason: 'all places are taken', address: '127.0.0.1' }]);
  clock.advance(60_000);
  connections.sweep();
  t.match(events.of('connections.ended').slice(1), [{ count: 19 }]);
});

t.test('places that are kept for some are not for others', async (t) => {
  const kept = { places: 2, addresses: ['127.0.0.7'] };
  const { events, knock } = await site(t, { most: 5, mostPerAddress: 10, kept });
  for (let i = 0; i < 3; i += 1) t.equal((await knock()).letIn, true);
  t.equal((await knock()).letIn, false);
  t.match(events.of('connections.ended'), [{ reason: 'all places are taken', address: '127.0.0.1' }]);
  for (let i = 0; i < 2; i += 1) t.equal((await knock('127.0.0.7')).letIn, true);
  t.equal((await knock('127.0.0.7')).letIn, false);
});

t.test('other limits are in force for the next connection', async (t) => {
  const { connections, knock } = await site(t);
  for (let i = 0; i < 2; i += 1) t.equal((await knock()).letIn, true);
  connections.limit({ ...LIMITS, mostPerAddress: 3 });
  t.equal((await knock()).letIn, true);
  connections.limit({ ...LIMITS, most: 3, mostPerAddress: 10 });
  t.equal((await knock()).letIn, false);
  connections.limit({ ...LIMITS, proxies: ['127.0.0.1'] });
  t.equal((await knock()).letIn, true);
});

for (const secure of [false, true]) {
  t.test(`a reader that keeps an answer waiting is cut, ${secure ? 'with' : 'without'} TLS`, async (t) => {
    const { clock, connections, events, open } = await site(t, {}, secure);
    const socket = await open();
    let received = 0;
    socket.on('data', (data: Buffer) => (received += data.length));
    socket.write('GET /large HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.pause();
    await new Promise(setImmediate);

    connections.sweep();
    clock.advance(60_000);
    connections.sweep();
    t.equal(connections.open(), 1, 'what is under way may still be taken');
    // 24 MiB were handed over as one piece.
    clock.advance((BODY.length / 4096) * 1000);
    const gone = once(socket, 'close');
    connections.sweep();
    socket.resume();
    await gone;
    t.ok(received < BODY.length, `${received} bytes: cut, never short`);
    t.match(events.of('connections.ended'), [{ count: 1, reason: 'it read too slowly', address: '127.0.0.1' }]);
    await eventually('the end', () => connections.open() === 0);
  });
}

const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
/** Milliseconds between two looks. */
const LOOK = 5000;

for (const secure of [false, true]) {
  const how = secure ? 'with' : 'without';
  t.test(`one over which nothing is asked any more is ended, whatever else comes over it, ${how} TLS`, async (t) => {
    const { clock, connections, events, open } = await site(t, {}, secure);
    const socket = await open();
    socket.write(ask('/'));
    await once(socket, 'data');
    const gone = once(socket, 'close');
    // 15 s between two requests, 1 s of grace, and 10 s for a head.
    for (let passed = 0; passed < 30_000; passed += LOOK) {
      connections.sweep();
      t.strictSame(events.of('connections.ended'), [], `${passed} ms`);
      socket.write('\r\n');
      await new Promise(setImmediate);
      clock.advance(LOOK);
    }
    connections.sweep();
    await gone;
    const reason = 'nothing was asked over it any more';
    t.match(events.of('connections.ended'), [{ count: 1, reason, address: '127.0.0.1' }]);
  });

  t.test(`an answer may take its time, and so may the next request, ${how} TLS`, async (t) => {
    const { clock, connections, events, open, late } = await site(t, {}, secure);
    const pass = async (): Promise<void> => {
      for (let passed = 0; passed < 60_000; passed += LOOK) {
        connections.sweep();
        await new Promise(setImmediate);
        clock.advance(LOOK);
      }
    };
    const socket = await open();
    await pass();
    t.equal(connections.open(), 1, 'of a first request Node sees to the end');
    socket.write(ask('/late') + ask('/'));
    const response = await late;
    await pass();
    response.write('a little');
    await once(socket, 'data');
    await pass();
    let received = '';
    socket.on('data', (data: Buffer) => (received += data.toString()));
    response.end('and the rest');
    await eventually('both', () => received.includes('small'));
    for (let n = 0; n < 3; n += 1) {
      connections.sweep();
      clock.advance(25_000);
      received = '';
      socket.write(ask('/'));
      await eventually('the next', () => received.includes('small'));
    }
    t.strictSame(events.of('connections.ended'), []);
  });
}
