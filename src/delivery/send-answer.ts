import type { ServerResponse } from 'node:http';
import type { Events } from '../ports/events.ts';
import type { Answer } from './answer.ts';
import { createBodyStream } from './body-stream.ts';
import { createBufferPool } from './buffer-pool.ts';
import { createGrowingStream } from './growing-stream.ts';
import { totalLength } from './multipart.ts';

/** How an answer went, in bytes of its body. Fewer sent than its length: it was cut. */
export interface Sent {
  readonly bytes: number;
  readonly length: number;
}

/** Writes an answer to the wire; resolves when that is over, one way or the other. One for a listener. */
export type SendAnswer = (response: ServerResponse, answer: Answer) => Promise<Sent>;

/** Bytes a read. A file stream's 64 KiB with its own buffer each was 15 times slower here. */
const CHUNK = 256 * 1024;

/** 16 MiB of idle buffers: what 32 downloads at a time use. */
const IDLE_BUFFERS = 64;

export function createSendAnswer(events: Events): SendAnswer {
  const pool = createBufferPool(CHUNK, IDLE_BUFFERS);
  const stream = createBodyStream(events, pool);
  const follow = createGrowingStream(pool);
  return async (response, { status, headers, body }) => {
    response.writeHead(status, headers);
    if (body && !Buffer.isBuffer(body)) {
      const bytes = await ('growing' in body ? follow(response, body) : stream(response, body));
      await over(response);
      return { bytes, length: totalLength(body.parts) };
    }
    // HEAD gets the length of an error's body, not the body.
    const bytes = response.req.method === 'HEAD' ? null : body;
    response.end(bytes);
    await over(response);
    const length = bytes?.length ?? 0;
    return { bytes: response.writableFinished ? length : 0, length };
  };
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
