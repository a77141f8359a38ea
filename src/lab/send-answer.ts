import type { ServerResponse } from 'node:http';
import { systemClock } from '../ports/clock.ts';
import type { CutKind } from './faults.ts';
import type { LabAnswer } from './lab-answer.ts';

/** Bytes. What is counted as sent is counted in such pieces. */
const PIECE = 64 * 1024;

/** A slow body drips so many times a second. */
const DRIPS = 20;

/** Puts an answer on the wire, cut and slowed as it says. Tells each time how many bytes of the body have left. */
export async function sendAnswer(
  response: ServerResponse,
  answer: LabAnswer,
  onSent: (bytes: number) => void,
): Promise<void> {
  const { cut, contentLength } = answer;
  if (cut?.after === null) return cutOff(response, cut.how);

  if (contentLength === null) {
    // Neither Content-Length nor chunks: as an old HTTP/1.0 server answers.
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
  }
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(contentLength !== null && answer.status !== 304 && { 'Content-Length': contentLength }),
  });
  response.flushHeaders();

  const body = response.req.method === 'HEAD' ? Buffer.alloc(0) : answer.body.subarray(0, cut?.after);
  const piece = answer.bytesPerSecond === null ? PIECE : Math.max(1, Math.round(answer.bytesPerSecond / DRIPS));
  for (let start = 0; start < body.length && !response.destroyed; start += piece) {
    const bytes = body.subarray(start, start + piece);
    if (answer.bytesPerSecond !== null) await systemClock.sleep((bytes.length / answer.bytesPerSecond) * 1000);
    await write(response, bytes, onSent);
  }
  await cut?.when;
  if (cut) cutOff(response, cut.how);
  else response.end();
}

// A client that went away is no error here: its bytes are just not counted.
function write(response: ServerResponse, bytes: Buffer, onSent: (bytes: number) => void): Promise<void> {
  return new Promise((resolve) => {
    response.write(bytes, (error) => {
      if (!error) onSent(bytes.length);
      resolve();
    });
  });
}

function cutOff(response: ServerResponse, how: CutKind): void {
  if (how === 'torn') response.socket?.destroySoon();
  if (how === 'reset') response.socket?.resetAndDestroy();
}
