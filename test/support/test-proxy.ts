import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy as offices have them: forwards plain HTTP, tunnels the rest. */
export interface TestProxy {
  readonly url: string;
  /** `GET http://127.0.0.1:4711/…` and `CONNECT 127.0.0.1:4711`, those it let through. */
  readonly passed: readonly string[];
}

export interface TestProxyOptions {
  /** `user:password` it demands. */
  readonly credentials?: string;
  /** What it answers to every tunnel, 200 unless told otherwise. */
  readonly tunnels?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** Starts one on a free port of 127.0.0.1; it is gone when the test is over. */
export async function testProxy(
  t: { teardown(end: () => unknown): void },
  { credentials, tunnels = 200, tls }: TestProxyOptions = {},
): Promise<TestProxy> {
  const passed: string[] = [];
  const sockets = new Set<Duplex>();
  const demanded = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const refused = ({ headers }: IncomingMessage): boolean =>
    demanded !== undefined && headers['proxy-authorization'] !== demanded;

  function forward(asked: IncomingMessage, answer: ServerResponse): void {
    if (refused(asked)) {
      answer.writeHead(407, { 'proxy-authenticate': 'Basic realm="office"' }).end('a page of the proxy');
      return;
    }
    passed.push(`${asked.method} ${asked.url}`);
    const { 'proxy-authorization': _, ...headers } = asked.headers;
    const onward = request(asked.url ?? '', { headers, agent: false }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    onward.on('error', () => answer.writeHead(502).end()).end();
  }

  function tunnel(asked: IncomingMessage, client: Duplex): void {
    const status = refused(asked) ? 407 : tunnels;
    client.on('error', () => {});
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    passed.push(`CONNECT ${asked.url}`);
    const [host, port] = (asked.url ?? '').split(':');
    const source = connect(Number(port), host);
    sockets.add(source);
    source.on('error', () => client.destroy());
    source.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(source).pipe(client);
    });
  }

  const server = tls ? createTlsServer(tls, forward) : createServer(forward);
  server.on('connect', tunnel).on('connection', (socket: Socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, passed };
}
