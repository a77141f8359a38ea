import type { ServerResponse } from 'node:http';
import type { Events } from '../ports/events.ts';
import type { Answer, BlobBody, GrowingBody } from './answer.ts';
import { createBodyStream } from './body-stream.ts';
import { createBufferPool } from './buffer-pool.ts';
import { createGrowingStream } from './growing-stream.ts';
import { createMemoryStream } from './memory-stream.ts';
import { totalLength } from './multipart.ts';

/** How an answer went, in bytes of its body. Fewer sent than its length: it was cut. */
export interface Sent {
  readonly bytes: number;
  readonly length: number;
}

/** Writes an answer to the wire; tells how it went when that is over, one way or the other. One for a listener. */
export type SendAnswer = (response: ServerResponse, answer: Answer) => Sent | Promise<Sent>;

/** Bytes a read. A file stream's 64 KiB with its own buffer each was 15 times slower here. */
const CHUNK = 256 * 1024;

/** And beyond so many buffers, what 16 downloads have, 8 MiB of them: 500 downloads would have 250 MB of such. */
const MANY = 32;
const CHUNK_IN_CROWD = 32 * 1024;

/**
 * Bytes. A body up to here leaves as text of one byte a character, which Node joins with the head: one buffer to write instead of
 * two, and some 5 % less CPU time for 1 KiB. To copy more than this is no gain.
 */
const ONE_WRITE = 16 * 1024;

/** Bytes. What a socket buffer soon takes is left to the kernel; larger bodies take turns. */
const LARGE = 1024 * 1024;

export function createSendAnswer(events: Events): SendAnswer {
  const pool = createBufferPool(CHUNK, MANY, CHUNK_IN_CROWD);
  const stream = createBodyStream(events, pool);
  const follow = createGrowingStream(pool);
  const pour = createMemoryStream();

  async function sendStream(response: ServerResponse, body: BlobBody | GrowingBody): Promise<Sent> {
    const bytes = await ('growing' in body ? follow(response, body) : stream(response, body));
    await over(response);
    return { bytes, length: totalLength(body.parts) };
  }

  async function sendLarge(response: ServerResponse, body: Buffer): Promise<Sent> {
    const bytes = await pour(response, body);
    await over(response);
    return { bytes, length: body.length };
  }

  return (response, { status, headers, body }) => {
    response.writeHead(status, headers);
    if (body && !Buffer.isBuffer(body)) return sendStream(response, body);
    // HEAD gets the length of an error's body, not the body.
    const bytes = response.req.method === 'HEAD' ? null : body;
    const length = bytes?.length ?? 0;
    if (bytes && length > LARGE) return sendLarge(response, bytes);
    if (bytes && length <= ONE_WRITE) response.end(bytes.toString('latin1'), 'latin1');
    else response.end(bytes);
    if (isTaken(response)) return { bytes: length, length };
    return over(response).then(() => ({ bytes: response.writableFinished ? length : 0, length }));
  };
}

/** Whether the kernel has all of an answer already: nearly always, where it is small. */
function isTaken({ socket, writableLength }: ServerResponse): boolean {
  // Without a socket it has not got its turn. A write that failed at once leaves nothing waiting either.
  return socket !== null && writableLength === 0 && socket.errored === null && !socket.destroyed;
}

/** A response that never got its turn on the connection never closes: the connection does. */
async function over(response: ServerResponse): Promise<void> {
  const { socket } = response.req;
  if (response.closed || socket.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('close', resolve);
  socket.once('close', resolve);
  await promise;
  socket.off('close', resolve);
}
