import { once } from 'node:events';
import { request, type Agent, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One GET (or `method`) of a relay on 127.0.0.1. `agent`: what to share connections through. Rejects when it is cut. */
export async function get(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; agent?: Agent; localAddress?: string } = {},
): Promise<HttpAnswer> {
  const asking = request({ host: '127.0.0.1', port, path, ...options }).end();
  const [response] = await once(asking, 'response');
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

/** Sends bytes as they are over a connection of their own; answers all that came back until the relay closed it. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text, 'latin1');
  return (await buffer(socket)).toString('latin1');
}
