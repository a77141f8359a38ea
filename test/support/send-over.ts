import { connect } from 'node:net';

/** Milliseconds. */
interface Waits {
  /** Until the first byte comes: longer than a busy machine takes to answer, where an answer is to come. */
  readonly first?: number;
  /** After the last byte: whoever sent this has no more to say. */
  readonly quiet?: number;
  /** Until the relay ends the connection after the client has closed its side. */
  readonly end?: number;
}

/**
 * Sends bytes as they are over a connection of their own, closes its side of it when the relay has said what it had to say,
 * and answers all that came back. Latin-1, a byte a character. Rejects when the relay then keeps the connection.
 */
export function sendOver(port: number, text: string, waits: Waits = {}): Promise<Buffer> {
  const { first = 3000, quiet = 20, end = 20_000 } = waits;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    // Half-closed at once, it would get no answer: Node takes that for a client that has gone.
    let timer = setTimeout(() => socket.end(), first);
    const done = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(Buffer.concat(chunks));
    };
    socket.setTimeout(end, () => {
      socket.destroy();
      reject(new Error(`nothing came for ${end} ms after ${JSON.stringify(text.slice(0, 300))}`));
    });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      clearTimeout(timer);
      timer = setTimeout(() => socket.end(), quiet);
    });
    socket.on('end', done);
    // The relay may cut while bytes are on their way to it: a reset, or a pipe that is broken.
    socket.on('error', done);
    socket.write(text, 'latin1');
  });
}
