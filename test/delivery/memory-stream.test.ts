import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { createMemoryStream, type MemoryStream } from '../../src/delivery/memory-stream.ts';
import { bytesOf } from '../storage/sample.ts';

const MIB = 1024 * 1024;
const body = bytesOf('in memory', 41 * MIB + 5);

interface Client {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
}

/** A client of a server of its own, with the response it gets. */
async function client(t: Test): Promise<Client> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const asking = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: false });
  const [, response]: ServerResponse[] = await once(server, 'request');
  if (!response) throw new Error('no response');
  response.writeHead(200, { 'Content-Length': body.length });
  response.flushHeaders();
  const [incoming] = await once(asking, 'response');
  return { incoming, response };
}

t.test('each of several clients gets the whole', async (t) => {
  const stream = createMemoryStream();
  const all = await Promise.all([client(t), client(t), client(t)]);
  const sent = all.map(({ response }) => stream(response, body));
  for (const { incoming } of all) t.ok((await buffer(incoming)).equals(body));
  t.strictSame(
    await Promise.all(sent),
    all.map(() => body.length),
  );
});

t.test('other things have their turn while a client takes what it is given at once', async (t) => {
  const stream = createMemoryStream();
  const { incoming, response } = await client(t);
  let turns = 0;
  const turn = (): void => {
    turns += 1;
    if (!response.writableEnded) setImmediate(turn);
  };
  setImmediate(turn);
  const received = buffer(incoming);
  await stream(response, body);
  t.ok(turns >= 10, `one between each two of 11 pieces: ${turns}`);
  await received;
});

/** The largest piece that a response was given. */
async function largestPiece(stream: MemoryStream, { incoming, response }: Client): Promise<number> {
  let largest = 0;
  const { write } = response;
  response.write = function watched(this: ServerResponse, ...given: unknown[]) {
    largest = Math.max(largest, (given[0] as Buffer).length);
    return Reflect.apply(write, this, given);
  } as ServerResponse['write'];
  const received = buffer(incoming);
  await stream(response, body);
  t.ok((await received).equals(body));
  return largest;
}

t.test('pieces are the smaller the more clients there are: all together no more than 128 MiB a turn', async (t) => {
  const stream = createMemoryStream();
  t.equal(await largestPiece(stream, await client(t)), 4 * MIB);
  const stalled = await Promise.all(Array.from({ length: 63 }, () => client(t)));
  const sent = stalled.map(({ response }) => stream(response, body));
  t.equal(await largestPiece(stream, await client(t)), 2 * MIB);
  for (const { incoming } of stalled) incoming.destroy();
  await Promise.all(sent);
  t.equal(await largestPiece(stream, await client(t)), 4 * MIB);
});

t.test('a client that goes away ends it', async (t) => {
  const stream = createMemoryStream();
  const { incoming, response } = await client(t);
  const sent = stream(response, body);
  await once(incoming, 'readable');
  incoming.destroy();
  t.ok((await sent) < body.length);
});
