import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, type TLSSocket } from 'node:tls';
import type { UpdateSource } from '../../src/upstream/source.ts';

/** A request as it came, without its body. */
export interface OriginRequest {
  /** The request target, byte for byte. */
  readonly target: string;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What the origin does with one request: it writes raw bytes to the socket, or does not. */
export type Scene = (request: OriginRequest, socket: Socket) => unknown;

/** An origin that plays one scene a request, in order; the last one again and again. */
export interface ScriptedOrigin {
  readonly source: UpdateSource;
  readonly requests: readonly OriginRequest[];
  /** Connections that were made so far, and those that still stand. */
  readonly connections: number;
  readonly open: number;
}

/** Starts one on a free port of 127.0.0.1; it is gone when the test is over. */
export async function scriptedOrigin(
  t: { teardown(end: () => unknown): void },
  scenes: readonly Scene[],
  tls?: TlsOptions & { readonly key: string; readonly cert: string },
): Promise<ScriptedOrigin> {
  const requests: OriginRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  function onConnection(socket: Socket | TLSSocket): void {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that cuts the line is part of many scenes.
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = parseRequest(text.slice(0, end));
        text = text.slice(end + 4);
        const scene = scenes[Math.min(requests.length, scenes.length - 1)];
        requests.push(request);
        scene?.(request, socket);
      }
    });
  }

  const server: Server = tls ? createTlsServer(tls, onConnection) : createServer(onConnection);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    source: { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/activeupdate`, type: 'customized' },
    requests,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
  };
}

/** Status line and header, with the empty line behind it. */
export function head(status: number, headers: Readonly<Record<string, string | number>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Scripted\r\n${lines.join('')}\r\n`;
}

/** A whole, proper answer with its Content-Length. */
export function respond(
  status: number,
  headers: Readonly<Record<string, string | number>> = {},
  body: string | Uint8Array = '',
): Scene {
  return (_, socket) => {
    socket.write(head(status, { 'Content-Length': Buffer.byteLength(body), ...headers }));
    socket.write(body);
  };
}

function parseRequest(text: string): OriginRequest {
  const [requestLine = '', ...lines] = text.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { target: requestLine.split(' ')[1] ?? '', headers: new Map(headers) };
}
