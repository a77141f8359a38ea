import { connect } from 'node:net';

/** Milliseconds without a byte after which a client of these tests has said all it wanted to. */
const QUIET = 20;

/**
 * Sends bytes as they are over a connection of their own; answers all that came back until the relay closed it, or cut it.
 * Latin-1, a byte a character. Rejects when it stays open although the client has closed its side.
 */
export function sendOver(port: number, text: string, patience = 20_000): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    // Half-closed at once, it would get no answer: Node takes that for a client that has gone.
    const quiet = setTimeout(() => socket.end(), QUIET);
    const done = (): void => {
      clearTimeout(quiet);
      socket.destroy();
      resolve(Buffer.concat(chunks));
    };
    socket.setTimeout(patience, () => {
      socket.destroy();
      reject(new Error(`nothing came for ${patience} ms after ${JSON.stringify(text.slice(0, 300))}`));
    });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      quiet.refresh();
    });
    socket.on('end', done);
    // The relay may cut while bytes are on their way to it: a reset, or a pipe that is broken.
    socket.on('error', done);
    socket.write(text, 'latin1');
  });
}
