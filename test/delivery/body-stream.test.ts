import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { BlobBody, Part } from '../../src/delivery/answer.ts';
import { createBodyStream } from '../../src/delivery/body-stream.ts';
import { createBufferPool } from '../../src/delivery/buffer-pool.ts';
import { totalLength } from '../../src/delivery/multipart.ts';
import { RelayError } from '../../src/errors/relay-error.ts';
import type { BlobReader } from '../../src/ports/store.ts';
import { recordedEvents, type RecordedEvents } from '../support/recorded-events.ts';

const MIB = 1024 * 1024;
const pool = createBufferPool(256 * 1024, 4);

/** A blob of any size, whose byte at n is n modulo 251; `fails` from that position on. */
interface WatchedReader extends BlobReader {
  readonly closed: boolean;
  readonly reads: number;
  readonly mostReadsAtOnce: number;
  readonly buffers: ReadonlySet<ArrayBufferLike>;
}

function watchedReader(size: number, fails?: { from: number; how: 'throws' | 'short' }): WatchedReader {
  const buffers = new Set<ArrayBufferLike>();
  let atOnce = 0;
  const reader = {
    size,
    sha256: 'ab'.repeat(32),
    closed: false,
    reads: 0,
    mostReadsAtOnce: 0,
    buffers,
    async read(target: Uint8Array, position: number) {
      buffers.add(target.buffer);
      reader.reads += 1;
      atOnce += 1;
      reader.mostReadsAtOnce = Math.max(reader.mostReadsAtOnce, atOnce);
      await delay(0);
      atOnce -= 1;
      if (reader.closed) throw new Error('read after close');
      if (fails && position + target.length > fails.from) {
        if (fails.how === 'short') return 1;
        throw new RelayError('RLY_STORAGE_BLOB_BROKEN', { sha256: reader.sha256, reason: 'ends at byte 5' });
      }
      target.set(pattern(position, target.length));
      return target.length;
    },
    async close() {
      reader.closed = true;
    },
    [Symbol.asyncDispose]: () => reader.close(),
  };
  return reader;
}

function pattern(position: number, length: number): Buffer {
  return Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, n) => (position + n) % 251)));
}

interface Transfer {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** Body bytes taken, by the stream's own account. */
  readonly sent: Promise<number>;
}

/** A server that streams `body` to the one client of it. */
async function transfer(t: Test, body: BlobBody, events: RecordedEvents = recordedEvents()): Promise<Transfer> {
  const stream = createBodyStream(events, pool);
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const asking = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [, response]: ServerResponse[] = await once(server, 'request');
  if (!response) throw new Error('no response');
  response.writeHead(200, { 'Content-Length': totalLength(body.parts) });
  const sent = stream(response, body);
  const [incoming] = await once(asking, 'response');
  return { incoming, response, sent };
}

t.test('parts of memory and of the blob arrive in order, and the reader is closed', async (t) => {
  const reader = watchedReader(3 * MIB);
  const parts: Part[] = [Buffer.from('before'), { start: 5, end: 2 * MIB }, Buffer.from('after'), { start: 0, end: 1 }];
  const { incoming, sent } = await transfer(t, { reader, parts });
  const expected = Buffer.concat([Buffer.from('before'), pattern(5, 2 * MIB - 5), Buffer.from('after'), pattern(0, 1)]);
  t.ok((await buffer(incoming)).equals(expected));
  t.equal(await sent, expected.length);
  t.ok(reader.closed);
});

t.test('one read at a time, into two buffers, however long the body is', async (t) => {
  const reader = watchedReader(8 * MIB);
  const { incoming } = await transfer(t, { reader, parts: [{ start: 0, end: reader.size }] });
  t.equal((await buffer(incoming)).length, reader.size);
  t.equal(reader.reads, 32);
  t.equal(reader.mostReadsAtOnce, 1);
  t.equal(reader.buffers.size, 2);
});

t.test('what has come into memory meanwhile is not read any more', async (t) => {
  const reader = watchedReader(3 * MIB);
  const content = pattern(0, reader.size);
  const slice = (start: number, end: number): Buffer | undefined =>
    reader.reads < 4 ? undefined : content.subarray(start, end);
  const { incoming, sent } = await transfer(t, {
    reader: Object.assign(reader, { slice }),
    parts: [{ start: 0, end: reader.size }],
  });
  t.ok((await buffer(incoming)).equals(content));
  t.equal(await sent, reader.size);
  t.equal(reader.reads, 4);
  t.ok(reader.closed);
});

t.test('nothing is read for a client that does not read', async (t) => {
  const reader = watchedReader(1024 * MIB);
  const { incoming, sent } = await transfer(t, { reader, parts: [{ start: 0, end: reader.size }] });
  incoming.pause();
  for (let before = -1; before !== reader.reads; await delay(50)) before = reader.reads;
  t.ok(reader.reads * 256 * 1024 < 64 * MIB, `what the kernel buffers, not more: ${reader.reads} reads`);
  incoming.destroy();
  await sent;
});

t.test('a client that goes away ends it: no more reads, and the reader is closed', async (t) => {
  const reader = watchedReader(1024 * MIB);
  const events = recordedEvents();
  const { incoming, sent } = await transfer(t, { reader, parts: [{ start: 0, end: reader.size }] }, events);
  await once(incoming, 'data');
  incoming.destroy();
  t.ok((await sent) < reader.size);
  t.ok(reader.closed);
  t.strictSame(events.of('blob.broken'), [], 'the blob is fine');
});

t.test('a client that is gone before the first byte costs nothing', async (t) => {
  const reader = watchedReader(MIB);
  const { response, sent } = await transfer(t, { reader, parts: [{ start: 0, end: MIB }] });
  await sent;
  response.req.socket.destroy();
  const late = watchedReader(MIB);
  const stream = createBodyStream(recordedEvents(), pool);
  t.equal(await stream(response, { reader: late, parts: [{ start: 0, end: MIB }] }), 0);
  t.ok(late.closed);
});

t.test('a read that fails while the client is slow waits for its turn to cut the connection', async (t) => {
  const reader = watchedReader(MIB, { from: 0, how: 'throws' });
  const first = Buffer.alloc(64 * MIB); // more than the kernel takes at once
  const events = recordedEvents();
  const { incoming, sent } = await transfer(t, { reader, parts: [first, { start: 0, end: MIB }] }, events);
  incoming.pause();
  while (reader.reads === 0) await delay(1);
  await delay(20); // long enough for a rejection that nobody handles to end the process
  incoming.resume();
  await t.rejects(once(incoming, 'end'), { code: 'ECONNRESET' });
  t.equal(await sent, first.length);
});

for (const how of ['throws', 'short'] as const) {
  t.test(`a blob that ${how} in the middle cuts the connection: the body is never ended`, async (t) => {
    const reader = watchedReader(8 * MIB, { from: 2 * MIB, how });
    const events = recordedEvents();
    const { incoming, sent } = await transfer(t, { reader, parts: [{ start: 0, end: reader.size }] }, events);
    await t.rejects(buffer(incoming), { code: 'ECONNRESET' });
    t.notOk(incoming.complete);
    t.equal(await sent, 2 * MIB);
    t.ok(reader.closed);
    const reason = how === 'throws' ? 'it ends at byte 5' : `Error: the blob ends at byte ${2 * MIB + 1}`;
    t.strictSame(events.of('blob.broken'), [{ sha256: reader.sha256, reason }]);
  });
}
