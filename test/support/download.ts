import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** What became of one download, as an agent sees it. */
export interface Download {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Whether the connection ended before all of Content-Length was here. */
  readonly cut: boolean;
}

/** A download that has begun. */
export interface RunningDownload {
  /** Bytes here so far. */
  received(): number;
  readonly end: Promise<Download>;
}

/** Asks for a URL over a connection of its own. Nothing of it rejects: what does not come is a cut. */
export function download(url: string, headers: Record<string, string> = {}): RunningDownload {
  const chunks: Buffer[] = [];
  const received = (): number => chunks.reduce((sum, { length }) => sum + length, 0);
  async function run(): Promise<Download> {
    const asking = get(url, { headers, agent: false });
    const answered = await once(asking, 'response').catch(() => []);
    const [response]: IncomingMessage[] = answered;
    if (!response) return { status: 0, headers: {}, body: Buffer.alloc(0), cut: true };
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    await buffer(response).catch(() => {});
    const { statusCode: status = 0, headers: fields, complete } = response;
    return { status, headers: fields, body: Buffer.concat(chunks), cut: !complete };
  }
  return { received, end: run() };
}
