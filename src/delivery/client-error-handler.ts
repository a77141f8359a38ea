import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { Connections, Ending } from './connections.ts';
import type { Gate } from './gate.ts';
import { UNKNOWN_CLIENT } from './identity.ts';
import { LONGEST_HEADER } from './listener-options.ts';
import { refusal } from './refusal.ts';

/** What Node could not make a request of has neither method nor fields; whom it comes from the gate judges all the same. */
const NO_HEAD = { httpVersion: '1.1', method: '', url: '', rawHeaders: [], identity: UNKNOWN_CLIENT };

/** How Node tells of what it could not parse, or had to wait for too long. What else comes is the network's. */
const OURS = /^HPE_|^ERR_HTTP_REQUEST_TIMEOUT$/;

/**
 * Answers what Node could not parse as a request, or had to wait for too long, and tells of it; a stranger learns no more than that he
 * is one. On a connection that has had an answer already it only ends it, as in the middle of a body these bytes would be taken for
 * the object's; and where TLS has failed, as there is no way to say anything.
 */
export function clientErrorHandler(
  gate: Gate,
  connections: Pick<Connections, 'ended'>,
): (error: Error & { code?: string }, socket: Socket) => void {
  return ({ code = '' }, socket) => {
    if (!OURS.test(code) || !socket.writable) {
      socket.destroy();
      return;
    }
    const verdict = gate({ ...NO_HEAD, remoteAddress: socket.remoteAddress });
    const isStranger = isRelayError(verdict, 'RLY_ADDRESS_NOT_ALLOWED');
    const { why, error } = unparsed(code);
    connections.ended(socket, isStranger ? 'stranger' : why);
    if (socket.bytesWritten > 0) {
      socket.destroy();
      return;
    }
    const { status, headers, body } = refusal(isStranger ? verdict : error, null);
    const fields = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields.join('')}\r\n${body.toString()}`);
    socket.destroySoon();
  };
}

function unparsed(code: string): { readonly why: Ending; readonly error: RelayError } {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { why: 'large', error: new RelayError('RLY_HEADER_TOO_LARGE', { limit: LONGEST_HEADER }) };
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { why: 'late', error: new RelayError('RLY_REQUEST_TIMEOUT', {}) };
  return { why: 'garbled', error: new RelayError('RLY_BAD_REQUEST', { reason: `it is not HTTP (${code})` }) };
}
