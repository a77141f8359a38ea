import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import type { GrowingBody } from '../../src/delivery/answer.ts';
import { createBufferPool } from '../../src/delivery/buffer-pool.ts';
import { createGrowingStream } from '../../src/delivery/growing-stream.ts';
import { totalLength } from '../../src/delivery/multipart.ts';
import { RelayError } from '../../src/errors/relay-error.ts';
import { createGrowingContent, type GrowingContent } from '../../src/flight/growing-content.ts';
import { bytesOf } from '../storage/sample.ts';
import { bufferReader } from '../support/buffer-reader.ts';
import { eventually } from '../support/eventually.ts';

const MIB = 1024 * 1024;
const bytes = bytesOf('growing', 3 * MIB);
const failure = new RelayError('RLY_UPSTREAM_SIZE', { url: 'http://source', found: 1, expected: 2 });

interface Following {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly sent: Promise<number>;
}

/** One client that follows `body`, whose head it has. */
async function follow(t: Test, body: GrowingBody): Promise<Following> {
  const stream = createGrowingStream(createBufferPool(256 * 1024, 4));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const asking = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [, response]: ServerResponse[] = await once(server, 'request');
  if (!response) throw new Error('no response');
  response.writeHead(200, { 'Content-Length': totalLength(body.parts) });
  response.flushHeaders();
  const sent = stream(response, body);
  const [incoming] = await once(asking, 'response');
  return { incoming, response, sent };
}

const whole = [{ start: 0, end: bytes.length }];

for (const where of ['memory', 'a file'] as const) {
  const content = (): GrowingContent =>
    createGrowingContent({
      size: bytes.length,
      from: bufferReader(bytes),
      memory: where === 'memory' ? bytes : undefined,
    });

  t.test(`from ${where}: a body leaves as it comes, and ends when it is proven`, async (t) => {
    const growing = content();
    const { incoming, sent } = await follow(t, { growing, parts: whole });
    const received: Buffer[] = [];
    const length = (): number => received.reduce((sum, chunk) => sum + chunk.length, 0);
    incoming.on('data', (chunk: Buffer) => received.push(chunk));
    for (const step of [1, 70_000, MIB, bytes.length]) {
      growing.grewTo(step);
      const expected = Math.min(step, bytes.length - 64 * 1024);
      while (length() < expected) await once(incoming, 'data');
      t.equal(length(), expected);
    }
    growing.proven();
    await once(incoming, 'end');
    t.ok(Buffer.concat(received).equals(bytes));
    t.ok(incoming.complete);
    t.equal(await sent, bytes.length);
  });

  t.test(`from ${where}: parts of a body, each once its bytes are here`, async (t) => {
    const growing = content();
    const parts = [Buffer.from('head'), { start: MIB, end: MIB + 10 }, Buffer.from('between'), { start: 5, end: 9 }];
    const { incoming, sent } = await follow(t, { growing, parts });
    growing.grewTo(2 * MIB);
    const expected = ['head', bytes.subarray(MIB, MIB + 10), 'between', bytes.subarray(5, 9)].map((part) =>
      Buffer.from(part),
    );
    t.ok((await buffer(incoming)).equals(Buffer.concat(expected)));
    t.equal(await sent, 25);
  });

  t.test(`from ${where}: what turns out to be worthless is cut, never ended`, async (t) => {
    const growing = content();
    const { incoming, sent } = await follow(t, { growing, parts: whole });
    growing.grewTo(MIB);
    await once(incoming, 'data');
    growing.fail(failure);
    await t.rejects(buffer(incoming), { code: 'ECONNRESET' });
    t.notOk(incoming.complete);
    t.ok((await sent) < bytes.length);
  });
}

t.test('bug: a slow reader got bytes of the next take, which has the same memory', async (t) => {
  const memory = Buffer.alloc(24 * MIB, 'old');
  const growing = createGrowingContent({ size: memory.length, from: bufferReader(memory), memory });
  const { incoming, sent, response } = await follow(t, { growing, parts: [{ start: 0, end: 16 * MIB }] });
  incoming.pause();
  growing.grewTo(memory.length);
  await eventually('the kernel takes no more', () => (response.socket?.writableLength ?? 0) > 0);
  const before = response.req.socket.listenerCount('close');
  growing.fail(failure);
  memory.fill('new');
  const received: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => received.push(chunk)).resume();
  await t.rejects(once(incoming, 'end'), { code: 'ECONNRESET' });
  t.ok(Buffer.concat(received).every((byte) => 'old'.includes(String.fromCharCode(byte))));
  t.ok((await sent) < memory.length);
  t.ok(response.req.socket.listenerCount('close') < before, 'and nothing waits for its connection any more');
});

t.test('a client that goes away while nothing comes is let go at once', async (t) => {
  const growing = createGrowingContent({ size: bytes.length, from: bufferReader(bytes), memory: bytes });
  const { incoming, sent, response } = await follow(t, { growing, parts: whole });
  incoming.destroy();
  t.equal(await sent, 0);
  const stream = createGrowingStream(createBufferPool(1024, 1));
  growing.grewTo(1000);
  t.equal(await stream(response, { growing, parts: whole }), 0, 'nor is one that had gone before');
});
