import { type IncomingMessage, type RequestListener, ServerResponse } from 'node:http';

/**
 * Hands a CONNECT to `listener` like every other request, so that the gate refuses it in its own words: there are no tunnels here.
 * Node gives no response with it, as what follows may be a tunnel, and has let go of the connection.
 */
export function tunnelRequest(listener: RequestListener): (request: IncomingMessage) => void {
  return (request) => {
    const { socket } = request;
    socket.on('error', () => socket.destroy());
    const response = new ServerResponse(request);
    response.once('finish', () => socket.destroySoon());
    try {
      response.assignSocket(socket);
    } catch {
      // An answer is under way, and Node would not go on with it when there is room again: the end comes behind what is written.
      socket.destroySoon();
      return;
    }
    listener(request, response);
  };
}
