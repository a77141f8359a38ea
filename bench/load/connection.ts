import { connect } from 'node:net';
import { now } from '../now.ts';

/** How one GET went. */
export interface Got {
  /** 0 when no head came. */
  readonly status: number;
  /** Of the body: announced, and received. */
  readonly length: number;
  readonly bytes: number;
  readonly etag: string | null;
  /** On the monotonic clock, in ms; the first byte of the body. */
  readonly firstByteAt: number | null;
  readonly endedAt: number;
}

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Told each piece of a 200 or 206 and where in the body it lies; the buffer is used again afterwards. */
  readonly onBody?: (piece: Buffer, position: number) => void;
}

/** One agent's connection: keep-alive, one request at a time. */
export interface Connection {
  /** False after an answer that was cut, or was the connection's last. */
  readonly alive: boolean;
  get(path: string, options?: GetOptions): Promise<Got>;
  readonly close: () => void;
}

// All connections read into one buffer: it is read from the socket and handed on before the next socket's turn. Reading
// this way costs a third of what a stream with buffers of its own does, and the load must not be what limits a server.
const SHARED = Buffer.allocUnsafeSlow(256 * 1024);

/** Opens a connection at the first request. `localAddress`: what a server knows this agent by. */
export function openConnection(port: number, host = '127.0.0.1', localAddress?: string): Connection {
  let current: Exchange | undefined;
  let alive = true;
  const socket = connect({
    port,
    host,
    noDelay: true,
    ...(localAddress !== undefined && { localAddress }),
    onread: {
      buffer: SHARED,
      callback(count, buffer) {
        current?.take(Buffer.from(buffer.buffer, buffer.byteOffset, count));
        return true;
      },
    },
  });
  socket.on('error', () => {}); // it closes too
  socket.on('close', () => {
    alive = false;
    current?.end();
  });
  return {
    get alive() {
      return alive;
    },
    get(path, { headers = {}, onBody } = {}) {
      const promised = Promise.withResolvers<Got>();
      current = createExchange(onBody, (got, last) => {
        current = undefined;
        if (last) {
          alive = false;
          socket.destroy();
        }
        promised.resolve(got);
      });
      const fields = Object.entries({ Host: `${host}:${port}`, ...headers }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      if (alive) socket.write([`GET ${path} HTTP/1.1`, ...fields, '', ''].join('\r\n'));
      else current.end();
      return promised.promise;
    },
    close: () => void socket.destroy(),
  };
}

interface Exchange {
  take(bytes: Buffer): void;
  /** The connection has ended. */
  end(): void;
}

/** Reads one answer with a Content-Length, which is all that agents know. */
function createExchange(onBody: GetOptions['onBody'], done: (got: Got, last: boolean) => void): Exchange {
  let head = Buffer.alloc(0);
  let status = 0;
  let length = 0;
  let bytes = 0;
  let etag: string | null = null;
  let last = false;
  let firstByteAt: number | null = null;
  const finish = (cut: boolean): void =>
    done({ status, length, bytes, etag, firstByteAt, endedAt: now() }, cut || last);

  function takeBody(piece: Buffer): void {
    firstByteAt ??= now();
    if (status === 200 || status === 206) onBody?.(piece, bytes);
    bytes += piece.length;
    if (bytes >= length) finish(bytes > length);
  }

  function takeHead(piece: Buffer): void {
    head = Buffer.concat([head, piece]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const text = head.toString('latin1', 0, end);
    const field = (name: string): string | undefined => new RegExp(`^${name}: *(.*)$`, 'im').exec(text)?.[1];
    status = Number(text.split(' ', 2)[1]);
    etag = field('etag') ?? null;
    last = field('connection')?.toLowerCase() === 'close';
    const announced = field('content-length');
    // A 304 tells the length of what it does not send (RFC 9110 §8.6).
    length = status === 304 ? 0 : Number(announced ?? Number.NaN);
    if (Number.isNaN(length)) finish(true);
    else if (length === 0) finish(false);
    else if (head.length > end + 4) takeBody(head.subarray(end + 4));
  }

  return {
    take: (piece) => (status === 0 ? takeHead(piece) : takeBody(piece)),
    end: () => finish(true),
  };
}
