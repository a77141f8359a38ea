import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Growing } from '../ports/growing.ts';
import type { GrowingBody, Slice } from './answer.ts';
import type { BufferPool } from './buffer-pool.ts';
import { writeChunk } from './write-chunk.ts';

/** Bytes written at a time from memory: each write is a system call, and so many agents follow one download. */
const LARGEST_WRITE = 1024 * 1024;

/**
 * Milliseconds in which what comes is gathered for one write. Of 20 MB/s each agent else gets 300 pieces a second, and 200 agents
 * make a core busy three times over.
 */
const GATHER = 20;

const gathered = (): Promise<void> => pause(GATHER, undefined, { ref: false });

/**
 * Writes a body that is still coming to a response whose head has been written, as fast as it comes and the client takes it,
 * and ends it. Answers the body bytes the connection took. Content that turns out to be worthless is cut, with its connection.
 */
export type GrowingStream = (response: ServerResponse, body: GrowingBody) => Promise<number>;

/** `pool`: buffers for what is not in memory. */
export function createGrowingStream(pool: BufferPool): GrowingStream {
  async function* piecesOf(growing: Growing, { start, end }: Slice, here: Presence): AsyncGenerator<Piece> {
    for (let position = start; position < end;) {
      const ready = Math.min(growing.available(position), end - position);
      if (ready === 0) {
        if (!(await here.while(growing.arrival(position)))) return;
        // Not for the first bytes: they show that there is something to wait for.
        if (position > start) await gathered();
        continue;
      }
      const piece = await pieceOf(growing, position, ready, pool);
      yield piece;
      position += piece.data.length;
    }
  }

  return async (response, { growing, parts }) => {
    const here = whileHere(response);
    // At once, also in the middle of a write: the memory it is written from is for other bytes now.
    const leave = growing.whenWorthless(() => response.destroy());
    let sent = 0;
    try {
      for (const part of parts) {
        const pieces: Iterable<Piece> | AsyncIterable<Piece> = Buffer.isBuffer(part)
          ? [{ data: part }]
          : piecesOf(growing, part, here);
        for await (const { data, buffer } of pieces) {
          const taken = await writeChunk(response, data);
          if (buffer) pool[taken ? 'give' : 'lose'](buffer);
          if (!taken) return sent;
          sent += data.length;
        }
      }
      if (!response.req.socket.destroyed) response.end();
    } catch {
      // Why it failed is told by whoever brings it: once, not once for each agent.
      response.destroy();
    } finally {
      leave();
      here.end();
    }
    return sent;
  };
}

interface Piece {
  readonly data: Buffer;
  /** Of the pool, where it is in one. */
  readonly buffer?: Buffer;
}

async function pieceOf(growing: Growing, start: number, ready: number, pool: BufferPool): Promise<Piece> {
  const inMemory = growing.slice(start, start + Math.min(ready, LARGEST_WRITE));
  if (inMemory) return { data: inMemory };
  const buffer = pool.take();
  try {
    const got = await growing.read(buffer.subarray(0, Math.min(ready, buffer.length)), start);
    if (got === 0) throw new Error('what was there is gone');
    return { data: buffer.subarray(0, got), buffer };
  } catch (error) {
    pool.give(buffer);
    throw error;
  }
}

/** Whether a client is there. */
interface Presence {
  /** Waits while it is: false when it went away first. */
  while(wait: Promise<void>): Promise<boolean>;
  end(): void;
}

function whileHere({ req: { socket } }: ServerResponse): Presence {
  let gone = (): void => {};
  const closed = (): void => gone();
  socket.once('close', closed);
  return {
    async while(wait) {
      // Not a race with one promise for the whole answer, which would keep each wait until then.
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      gone = () => resolve(false);
      if (socket.destroyed) gone();
      wait.then(() => resolve(true), reject);
      return promise;
    },
    end: () => void socket.off('close', closed),
  };
}
