import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { canonicalPath } from '../manifest/path.ts';
import { distortAnswer, distortContent, distortRequest } from './fault-effects.ts';
import { createFaultBoard, type Fault, type FaultBoard } from './faults.ts';
import { answerWith, emptyAnswer, type LabAnswer, type LabContent, withoutRange } from './lab-answer.ts';
import type { LabFile, Release } from './release.ts';
import { BASE_PATH, COMPONENTS_PATH, type LabServerKind, releasePath, serves } from './route.ts';
import { sendAnswer } from './send-answer.ts';

export interface LabServerOptions {
  readonly kind: LabServerKind;
  /** Left out: everything is 404 until `publish`. */
  readonly release?: Release;
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
}

/** One request, as it stands now: status and bytes change while it is answered. */
interface LabRequest {
  readonly method: string;
  /** As the index writes it; where the release has no such file, what the client asked for. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The Range header. */
  readonly range: string | null;
  /** Null as long as nothing was answered. */
  readonly status: number | null;
  /** Of the body, that left this server. */
  readonly bytes: number;
}

export interface LabServer {
  /** What a relay is configured with: `http://127.0.0.1:4711/officescan`. */
  readonly url: string;
  /** What `/server.ini` is appended to: `http://127.0.0.1:4711/officescan/download`. */
  readonly componentsUrl: string;
  readonly faults: FaultBoard;
  /** In the order they came. */
  readonly requests: readonly LabRequest[];
  /** Bytes of all bodies together. */
  readonly bytesSent: number;
  /** From the next request on, everything is of this release. */
  publish(release: Release): void;
  /** As the vendor publishes (docs/protocol.md §5): the files are new at once, the index is 404 until `finish`. */
  publishSlowly(release: Release): { finish(): void };
  /** Forgets the requests. */
  reset(): void;
  /** Cuts all connections. */
  close(): Promise<void>;
}

/** A plain web server with a release on it, listening when this resolves. */
export async function createLabServer(options: LabServerOptions): Promise<LabServer> {
  const { kind, host = '127.0.0.1', port = 0 } = options;
  const faults = createFaultBoard();
  let requests: LogEntry[] = [];
  let files = foldedFiles(kind, options.release);

  const server = createServer((request, response) => {
    const target = request.url ?? '';
    const path = releasePath(kind, target) ?? target;
    const file = files.get(path);
    const entry = logEntry(request, file?.path ?? path);
    requests.push(entry);
    answer(request, response, file, faults.strike(entry.path), entry).catch((error: Error) => response.destroy(error));
  });
  server.listen(port, host);
  await once(server, 'listening');
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}${BASE_PATH[kind]}`,
    componentsUrl: `${origin}${COMPONENTS_PATH[kind]}`,
    faults,
    get requests() {
      return requests;
    },
    get bytesSent() {
      return requests.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    publish(release) {
      files = foldedFiles(kind, release);
    },
    publishSlowly(release) {
      const whole = foldedFiles(kind, release);
      files = new Map(whole);
      files.delete(INDEX);
      return {
        finish() {
          files = whole;
        },
      };
    },
    reset() {
      requests = [];
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const INDEX = 'server.ini';

// What of a release this server has, by path in lower case: the originals do not tell case apart (docs/protocol.md §3).
function foldedFiles(kind: LabServerKind, release: Release | undefined): Map<string, LabFile> {
  const served = [...(release?.files.values() ?? [])].filter((file) => serves(kind, file.kind));
  return new Map(served.map((file) => [canonicalPath(file.path), file]));
}

type LogEntry = { -readonly [K in keyof LabRequest]: LabRequest[K] };

function logEntry({ method = '', headers }: IncomingMessage, path: string): LogEntry {
  return { method, path, headers, range: headers.range ?? null, status: null, bytes: 0 };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  file: LabFile | undefined,
  faults: readonly Fault[],
  entry: LogEntry,
): Promise<void> {
  const answered = distortAnswer(await honestAnswer(request, file, faults), faults);
  if (answered.cut?.after !== null) entry.status = answered.status;
  await sendAnswer(response, answered, (bytes) => {
    entry.bytes += bytes;
  });
}

async function honestAnswer(
  { method, headers }: IncomingMessage,
  file: LabFile | undefined,
  faults: readonly Fault[],
): Promise<LabAnswer> {
  if (method !== 'GET' && method !== 'HEAD') return emptyAnswer(405, { Allow: 'GET, HEAD' });
  if (!file) return emptyAnswer(404);
  // RFC 9110 §14.2: only GET has ranges.
  const asked = method === 'GET' ? distortRequest(headers, faults) : withoutRange(headers);
  return answerWith(distortContent(await contentOf(file), faults), asked);
}

async function contentOf(file: LabFile): Promise<LabContent> {
  const type = file.kind === 'index' ? 'text/plain' : 'application/octet-stream';
  return { bytes: await file.read(), type, encoding: null, etag: file.etag, lastModified: file.lastModified };
}
