import { connect } from 'node:net';

/** What came over the wire, whole or not. */
export interface RawResponse {
  /** 0 when no status line came. */
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Everything behind the headers, as it came. */
  readonly body: Buffer;
  /** How the connection ended. */
  readonly ended: 'closed' | 'reset';
}

/** One request on a connection of its own, by hand: an HTTP client would hide what a fault does. */
export function rawRequest(
  url: string,
  options: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<RawResponse> {
  const { hostname, port, pathname } = new URL(url);
  const headers = { Host: `${hostname}:${port}`, Connection: 'close', ...options.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => resolve(parse(Buffer.concat(chunks), 'closed')));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') resolve(parse(Buffer.concat(chunks), 'reset'));
      else reject(error);
    });
    socket.write([`${options.method ?? 'GET'} ${pathname} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  });
}

function parse(bytes: Buffer, ended: 'closed' | 'reset'): RawResponse {
  const end = bytes.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, Math.max(0, end)).split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const body = end === -1 ? Buffer.alloc(0) : bytes.subarray(end + 4);
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, body, ended };
}
