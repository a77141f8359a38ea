import type { RequestListener } from 'node:http';
import { isRelayError, type RelayError } from '../errors/relay-error.ts';
import type { Events } from '../ports/events.ts';
import { clientAddress } from './client-address.ts';
import type { Gate } from './gate.ts';
import { identityOf } from './identity.ts';
import { hadLast, isLast } from './last-answer.ts';
import { refusal } from './refusal.ts';
import { shownPath } from './shown-path.ts';

/**
 * Puts a gate in front of all that handles requests, the router too: it answers some requests by itself, before any hook.
 * What is refused loses its connection. `gate` is asked for at each request.
 */
export function gatedHandler(gate: () => Gate, events: Events, handler: RequestListener): RequestListener {
  return (request, response) => {
    const { httpVersion, method = '', url = '', rawHeaders, socket } = request;
    if (hadLast(socket)) return;
    const { remoteAddress } = socket;
    const head = { httpVersion, method, url, rawHeaders, remoteAddress, identity: identityOf(socket) };
    const verdict = gate()(head);
    if (!isRelayError(verdict)) {
      handler(request, response);
      return;
    }
    isLast(socket);
    const address = clientAddress(remoteAddress);
    events.emit('admin.refused', { address, method, path: shownPath(url), error: describe(verdict) });
    const { status, headers, body } = refusal(verdict, null);
    response.writeHead(status, { ...headers, Connection: 'close' }).end(method === 'HEAD' ? undefined : body);
  };
}

function describe({ code, message }: RelayError): string {
  return `${code}: ${message}`;
}
