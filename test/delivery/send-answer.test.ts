import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Answer } from '../../src/delivery/answer.ts';
import { createSendAnswer } from '../../src/delivery/send-answer.ts';
import { silentEvents } from '../../src/ports/events.ts';
import { stockedStore } from '../support/stocked-store.ts';

const send = createSendAnswer(silentEvents);

function answerOf(body: Answer['body'], length: number): Answer {
  const headers = { 'Content-Length': String(length) };
  return { status: 200, headers, body, kind: 'pattern', cache: 'hit', generation: 1 };
}

/** Two requests of one client that did not wait: the second response has not got its turn. */
async function twoAtOnce(t: Test): Promise<{ responses: ServerResponse[]; client: Socket }> {
  const responses: ServerResponse[] = [];
  const server = createServer((_request, response) => responses.push(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2));
  while (responses.length < 2) await once(server, 'request');
  return { responses, client };
}

t.test('a response that never gets its turn is over when its connection is, and its blob is closed', async (t) => {
  const { store, publish } = await stockedStore(t);
  const { index } = await publish({}, 'content');
  const bodies = {
    memory: Buffer.from('content'),
    disk: { reader: await store.blobs.open(index), parts: [{ start: 0, end: 7 }] },
  };
  for (const body of [bodies.memory, bodies.disk]) {
    const { responses, client } = await twoAtOnce(t);
    const [, second] = responses;
    if (!second) throw new Error('no second response');
    const sent = send(second, answerOf(body, 7));
    await setImmediate();
    client.destroy();
    t.strictSame(await sent, { bytes: 0, length: 7 });
  }
  await t.rejects(bodies.disk.reader.read(Buffer.alloc(1), 0), 'the reader is closed');
});

t.test('an answer for a client that has gone is over at once', async (t) => {
  const { responses, client } = await twoAtOnce(t);
  const gone = Promise.all(responses.map(({ req }) => once(req.socket, 'close')));
  client.destroy();
  await gone;
  for (const response of responses) {
    t.strictSame(await send(response, answerOf(Buffer.from('content'), 7)), { bytes: 0, length: 7 });
  }
});

t.test('answers of a connection count what it took', async (t) => {
  const { responses, client } = await twoAtOnce(t);
  client.resume();
  const sent = responses.map(async (response) => send(response, answerOf(Buffer.from('content'), 7)));
  t.strictSame(await Promise.all(sent), [
    { bytes: 7, length: 7 },
    { bytes: 7, length: 7 },
  ]);
});
