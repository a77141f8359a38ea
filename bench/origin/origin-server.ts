import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { globSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { now } from '../now.ts';
import { createLine, type Line } from './line.ts';

/** Bytes that leave at a time: at 20 MB/s some 3 ms of the line. */
const PIECE = 64 * 1024;

export interface OriginOptions {
  /** Folder of the site, with `activeupdate` below it. */
  readonly root: string;
  readonly host: string;
  readonly bytesPerSecond?: number;
  /** Milliseconds before each answer, and once more before a connection's first: what the way there and back costs. */
  readonly delay?: number;
}

/** What left the origin since it was last asked to forget. */
export interface OriginCounts {
  /** GET and HEAD. */
  readonly requests: number;
  /** Of bodies. */
  readonly bodyBytes: number;
  /** Heads and bodies, as they went into sockets. */
  readonly socketBytes: number;
  /** When the first byte of a body left, by path, on the monotonic clock in ms. */
  readonly firstByteAt: Readonly<Record<string, number>>;
  /** Answers under way. */
  readonly open: number;
}

export interface Origin {
  readonly port: number;
  counts(): OriginCounts;
  /** Forgets what was counted. From now on the first answer for each path is cut after this share of the body, or none. */
  reset(cutAt: number | null): void;
  /** Cuts all connections. */
  close(): void;
}

interface File {
  readonly bytes: Buffer;
  readonly etag: string;
}

/** An update source that answers from memory: strong ETags, single ranges, If-Range, If-None-Match. */
export async function startOrigin({ root, host, bytesPerSecond, delay = 0 }: OriginOptions): Promise<Origin> {
  const files = readFiles(join(root, 'activeupdate'));
  const line = createLine(bytesPerSecond);
  let counts = noCounts();
  let cut: { readonly share: number; readonly done: Set<string> } | null = null;

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const counted = counts;
    counted.requests += 1;
    counted.open += 1;
    const before = request.socket.bytesWritten;
    const share = cut;
    answer(request, response, counted, share)
      .catch((error: Error) => response.destroy(error))
      .finally(() => {
        counted.open -= 1;
        counted.socketBytes += request.socket.bytesWritten - before;
      });
  });

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    counted: MutableCounts,
    share: typeof cut,
  ): Promise<void> {
    if (delay > 0) await pause(isFirst(request) ? 2 * delay : delay);
    const path = pathOf(request.url ?? '');
    const file = files.get(path);
    if (!file) return void response.writeHead(404, { 'Content-Length': 0 }).end();
    const validators = { ETag: file.etag, 'Last-Modified': MODIFIED, 'Accept-Ranges': 'bytes' };
    const { headers } = request;
    if (headers['if-none-match'] === file.etag) return void response.writeHead(304, validators).end();
    const holds = headers['if-range'] === undefined || headers['if-range'] === file.etag;
    const range = holds ? rangeOf(headers.range, file.bytes.length) : null;
    const body = range ? file.bytes.subarray(range.start, range.end) : file.bytes;
    response.writeHead(range ? 206 : 200, {
      ...validators,
      'Content-Type': path.endsWith('.ini') ? 'text/plain' : 'application/octet-stream',
      'Content-Length': body.length,
      ...(range && { 'Content-Range': `bytes ${range.start}-${range.end - 1}/${file.bytes.length}` }),
    });
    if (request.method === 'HEAD') return void response.end();
    const cutsNow = share !== null && !share.done.has(path) && body.length > PIECE;
    if (cutsNow) share.done.add(path);
    const end = cutsNow ? Math.floor(body.length * share.share) : body.length;
    await pour(response, body.subarray(0, end), line, (bytes) => {
      counted.firstByteAt[path] ??= now();
      counted.bodyBytes += bytes;
    });
    if (end < body.length) request.socket.destroySoon();
    else response.end();
  }

  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    counts: () => counts,
    reset(cutAt) {
      counts = noCounts();
      cut = cutAt === null ? null : { share: cutAt, done: new Set() };
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type MutableCounts = { -readonly [K in keyof OriginCounts]: OriginCounts[K] } & {
  readonly firstByteAt: Record<string, number>;
};

function noCounts(): MutableCounts {
  return { requests: 0, bodyBytes: 0, socketBytes: 0, firstByteAt: {}, open: 0 };
}

// The same for all files: the bench never publishes a second release under one name.
const MODIFIED = new Date(Date.UTC(2026, 0, 5, 6)).toUTCString();

function readFiles(tree: string): Map<string, File> {
  const names = globSync('**/*', { cwd: tree }).filter((name) => statSync(join(tree, name)).isFile());
  return new Map(
    names.map((name) => {
      const bytes = readFileSync(join(tree, name));
      return [name.toLowerCase(), { bytes, etag: `"${createHash('sha256').update(bytes).digest('hex')}"` }];
    }),
  );
}

/** The path in the site: agents' tree and the OfficeScan server's are the same here. */
function pathOf(url: string): string {
  return decodeURIComponent(url)
    .toLowerCase()
    .replace(/^\/(?:activeupdate|officescan\/download)\//, '');
}

const met = new WeakSet<object>();

function isFirst({ socket }: IncomingMessage): boolean {
  const first = !met.has(socket);
  met.add(socket);
  return first;
}

function rangeOf(field: string | undefined, size: number): { readonly start: number; readonly end: number } | null {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(field ?? '') ?? [];
  if (first === undefined) return null;
  const start = Number(first);
  const end = last ? Math.min(Number(last) + 1, size) : size;
  return start < end ? { start, end } : null;
}

async function pour(response: ServerResponse, body: Buffer, line: Line, left: (bytes: number) => void): Promise<void> {
  for (let start = 0; start < body.length && !response.destroyed; start += PIECE) {
    const piece = body.subarray(start, start + PIECE);
    await line.pass(piece.length);
    if (response.destroyed) return;
    left(piece.length);
    if (!response.write(piece)) await drained(response);
  }
}

/** Also when the client goes away: then it never drains. */
function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    response.off('drain', done);
    response.off('close', done);
    resolve();
  };
  response.on('drain', done);
  response.on('close', done);
  return promise;
}
