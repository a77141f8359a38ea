import type { ServerResponse } from 'node:http';

/** Whether the connection took `data`; false when it ended first. Only then is the buffer free again. */
export function writeChunk(response: ServerResponse, data: Buffer): Promise<boolean> {
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
