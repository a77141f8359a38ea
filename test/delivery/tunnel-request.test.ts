import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { silentEvents } from '../../src/ports/events.ts';
import { sendRaw } from '../support/exchange.ts';
import { testServer } from '../support/test-server.ts';

async function listening(t: Test, listener: RequestListener): Promise<number> {
  const server = testServer(silentEvents).factory(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const refuse = ({ method, url }: IncomingMessage, response: ServerResponse): void =>
  void response.writeHead(405, { Connection: 'close' }).end(`${method} ${url}`);
const CONNECT = 'CONNECT relay:443 HTTP/1.1\r\nHost: relay\r\n\r\n';

t.test('a CONNECT is answered like every request, and the connection ends', async (t) => {
  const port = await listening(t, refuse);
  t.match(await sendRaw(port, CONNECT), /^HTTP\/1\.1 405 [^]*\r\n\r\n[^]*CONNECT relay:443/);
});

t.test('behind an answer that is over it is answered too; behind one under way it ends the connection', async (t) => {
  const waiting = Promise.withResolvers<ServerResponse>();
  const port = await listening(t, (request, response) => {
    if (request.method === 'CONNECT') refuse(request, response);
    else if (request.url === '/late') waiting.resolve(response.writeHead(200, { 'Content-Length': 6 }));
    else response.end('first');
  });
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: relay\r\n\r\n`;
  const socket = connect(port, '127.0.0.1');
  socket.write(get('/'));
  await once(socket, 'data');
  socket.write(CONNECT);
  t.match(String(await buffer(socket)), /^HTTP\/1\.1 405 /);

  const late = connect(port, '127.0.0.1');
  late.write(get('/late'));
  const response = await waiting.promise;
  response.write('a');
  await once(late, 'data');
  const cut = once(response, 'close');
  late.write(CONNECT);
  t.equal(String(await buffer(late)), '', 'nothing that could be taken for the rest of it');
  await cut;
});

t.test('who has gone by then is no error', async (t) => {
  const asked = Promise.withResolvers<ServerResponse>();
  const port = await listening(t, (_request, response) => asked.resolve(response));
  const socket = connect(port, '127.0.0.1');
  socket.write(CONNECT);
  const response = await asked.promise;
  const gone = once(response, 'close');
  socket.resetAndDestroy();
  await gone;
  t.notOk(response.writableFinished);
});
