import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Events } from '../ports/events.ts';
import type { BlobBody, Slice } from './answer.ts';
import { tellBroken } from './broken-blob.ts';
import type { BufferPool } from './buffer-pool.ts';
import { writeChunk } from './write-chunk.ts';

/** A piece of a body in memory, and the buffer of the pool that it is in. */
interface Chunk {
  readonly data: Buffer;
  readonly buffer?: Buffer;
}

/**
 * Writes a body to a response whose head has been written, and ends it. Answers the body bytes the connection took;
 * fewer than all when the client went away or the blob could not be read: a body that cannot be completed is cut, with
 * its connection, and never ended. Closes the reader in any case.
 */
export type BodyStream = (response: ServerResponse, body: BlobBody) => Promise<number>;

/** `pool`: one for a listener, whose downloads share its buffers; each read fills one. */
export function createBodyStream(events: Events, pool: BufferPool): BodyStream {
  return async (response, { reader, parts }) => {
    await using _ = reader;
    const pieces = piecesOf(parts, () => pool.size);
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
        const { data, buffer } = chunk;
        const taken = await writeChunk(response, data);
        if (buffer) pool[taken ? 'give' : 'lose'](buffer);
        if (!taken) return sent;
        sent += data.length;
      }
      response.end();
      return sent;
    } catch (error) {
      response.destroy();
      tellBroken(events, reader.sha256, error);
      return sent;
    } finally {
      const left = await ahead.catch(() => {}); // the reader is not closed under a read
      if (left?.buffer) pool.give(left.buffer);
    }
  };
}

/** The parts of a body, slices cut to what one read takes. */
function* piecesOf(parts: BlobBody['parts'], most: () => number): Generator<Buffer | Slice> {
  for (const part of parts) {
    if (Buffer.isBuffer(part)) yield part;
    else {
      for (let { start } = part; start < part.end;) {
        const end = Math.min(start + most(), part.end);
        yield { start, end };
        start = end;
      }
    }
  }
}

/** Brings the next piece into memory; undefined after the last. */
async function load(
  reader: BlobBody['reader'],
  pieces: Generator<Buffer | Slice>,
  pool: BufferPool,
): Promise<Chunk | undefined> {
  const next = pieces.next();
  if (next.done) return undefined;
  const piece = next.value;
  if (Buffer.isBuffer(piece)) return { data: piece };
  const inMemory = reader.slice?.(piece.start, piece.end);
  if (inMemory) {
    await nextTurn(); // as a read would: others have theirs in between
    return { data: inMemory };
  }
  const buffer = pool.take();
  try {
    const data = buffer.subarray(0, piece.end - piece.start);
    const got = await reader.read(data, piece.start);
    if (got < data.length) throw new Error(`the blob ends at byte ${piece.start + got}`);
    return { data, buffer };
  } catch (error) {
    pool.give(buffer);
    throw error;
  }
}
