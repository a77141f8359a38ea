import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeChunk } from './write-chunk.ts';

/**
 * Bytes that all bodies together hand to the kernel before the event loop turns: some 30 ms of copying. In one write each connection
 * takes as much as its socket buffer holds, up to 4 MB, and a small request behind 500 of them waited for half a second.
 */
const PER_TURN = 128 * 1024 * 1024;

/** Bytes. Smaller writes cost more than they give back; larger ones than a socket buffer takes cost no less. */
const LEAST = 128 * 1024;
const MOST = 4 * 1024 * 1024;

/**
 * Writes a body that is in memory to a response whose head has been written, in turn with the others under way, and ends it.
 * Answers the bytes the connection took; fewer than all when the client went away.
 */
export type MemoryStream = (response: ServerResponse, body: Buffer) => Promise<number>;

/** One for a listener: its downloads share the turns. */
export function createMemoryStream(): MemoryStream {
  let underWay = 0;
  return async (response, body) => {
    underWay += 1;
    try {
      for (let sent = 0; sent < body.length;) {
        const share = Math.max(LEAST, Math.min(MOST, Math.floor(PER_TURN / underWay)));
        const piece = body.subarray(sent, sent + share);
        if (!(await writeChunk(response, piece))) return sent;
        sent += piece.length;
        if (sent < body.length) await nextTurn();
      }
      response.end();
      return body.length;
    } finally {
      underWay -= 1;
    }
  };
}
