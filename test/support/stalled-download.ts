import { connect } from 'node:net';
import type { Store } from '../../src/ports/store.ts';

/** Bytes: more than the socket buffers of both ends take. */
export const LARGE = 32 * 1024 ** 2;

const PATH = 'pattern/large.zip';
const SOURCE = 'http://127.0.0.1:1/officescan/download';

/** Where a relay that has {@link publishLargeObject} serves it. */
export function largeObjectUrl(agentsUrl: string): string {
  return `${agentsUrl}/activeupdate/${PATH}`;
}

/** Publishes a generation with one object of `LARGE` bytes. */
export async function publishLargeObject({ blobs, generations }: Store): Promise<void> {
  const put = async (bytes: Buffer) => {
    const writer = await blobs.create(bytes.length, { exact: true });
    await writer.write(bytes);
    return writer.commit();
  };
  const now = new Date();
  const known = { path: PATH, kind: 'pattern', component: 'P.4', version: '1', proof: 'size', source: SOURCE } as const;
  const object = { ...known, ...(await put(Buffer.alloc(LARGE, 'large'))), fetchedAt: now.toISOString() };
  const index = { ...(await put(Buffer.from('[PATTERN]\n'))), etag: null, lastModified: null };
  await generations.publish({ source: SOURCE, index, objects: [object], onDemand: [], absent: [] }, now);
}

/** Asks for the large object and reads nothing of it but the beginning; the connection stays until the test ends. */
export async function stallDownload(t: { teardown(end: () => unknown): void }, agentsUrl: string): Promise<void> {
  const { hostname, port, pathname } = new URL(largeObjectUrl(agentsUrl));
  // The first piece pauses the socket for good.
  const onread = { buffer: Buffer.alloc(1024), callback: () => false };
  const socket = connect({ host: hostname, port: Number(port), onread }).on('error', () => {});
  t.teardown(() => socket.destroy());
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: relay\r\n\r\n`);
  while (socket.bytesRead === 0) await new Promise(setImmediate);
}
