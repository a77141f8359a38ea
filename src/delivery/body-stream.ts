import type { ServerResponse } from 'node:http';
import type { Events } from '../ports/events.ts';
import type { RandomReader } from '../ports/store.ts';
import type { BlobBody, Slice } from './answer.ts';
import { tellBroken } from './broken-blob.ts';
import { createBufferPool, type BufferPool } from './buffer-pool.ts';

/** Bytes a read. A file stream's 64 KiB with its own buffer each was 15 times slower here. */
const CHUNK = 256 * 1024;

/** 16 MiB of idle buffers: what 32 downloads at a time use. */
const IDLE_BUFFERS = 64;

/** A piece of a body in memory. `release` gives its buffer back. */
interface Chunk {
  readonly data: Buffer;
  release(): void;
}

/**
 * Writes a body to a response whose head has been written, and ends it. Answers the body bytes the connection took;
 * fewer than all when the client went away or the blob could not be read: a body that cannot be completed is cut, with
 * its connection, and never ended. Closes the reader in any case.
 */
export type BodyStream = (response: ServerResponse, body: BlobBody) => Promise<number>;

/** One for a listener: its downloads share the buffers. */
export function createBodyStream(events: Events): BodyStream {
  const pool = createBufferPool(CHUNK, IDLE_BUFFERS);
  return async (response, { reader, parts }) => {
    await using _ = reader;
    const pieces = piecesOf(parts);
    const readOn = (): Promise<Chunk | undefined> => {
      const next = load(reader, pieces, pool);
      next.catch(() => {}); // met where it is awaited, which may be long after it failed
      return next;
    };
    let ahead = readOn();
    let sent = 0;
    try {
      for (let chunk = await ahead; chunk; chunk = await ahead) {
        ahead = readOn(); // one read ahead: the disk works while the network does
        if (!(await written(response, chunk.data))) return sent;
        chunk.release();
        sent += chunk.data.length;
      }
      response.end();
      return sent;
    } catch (error) {
      response.destroy();
      tellBroken(events, reader.sha256, error);
      return sent;
    } finally {
      await ahead.catch(() => {}); // the reader is not closed under a read
    }
  };
}

/** The parts of a body, slices cut to what one read takes. */
function* piecesOf(parts: BlobBody['parts']): Generator<Buffer | Slice> {
  for (const part of parts) {
    if (Buffer.isBuffer(part)) yield part;
    else {
      for (let start = part.start; start < part.end; start += CHUNK) {
        yield { start, end: Math.min(start + CHUNK, part.end) };
      }
    }
  }
}

/** Brings the next piece into memory; undefined after the last. */
async function load(
  reader: RandomReader,
  pieces: Generator<Buffer | Slice>,
  pool: BufferPool,
): Promise<Chunk | undefined> {
  const next = pieces.next();
  if (next.done) return undefined;
  const piece = next.value;
  if (Buffer.isBuffer(piece)) return { data: piece, release: () => {} };
  const buffer = pool.take();
  const data = buffer.subarray(0, piece.end - piece.start);
  const got = await reader.read(data, piece.start);
  if (got < data.length) throw new Error(`the blob ends at byte ${piece.start + got}`);
  return { data, release: () => pool.give(buffer) };
}

/** Whether the connection took `data`; false when it ended first. Only then is the buffer free again. */
function written(response: ServerResponse, data: Buffer): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const { socket } = response.req;
  const gone = () => resolve(false);
  if (socket.destroyed) gone();
  else {
    // Not the response's own: one that never got its turn on the connection never closes.
    socket.once('close', gone);
    response.write(data, (error) => {
      socket.off('close', gone);
      resolve(!error);
    });
  }
  return promise;
}
