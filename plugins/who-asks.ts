import type { FastifyRequest } from 'fastify';
import { clientAddress } from '../src/delivery/client-address.ts';

/** For the audit log. There is one token: whoever has it is told apart by address alone. */
export function whoAsks({ raw }: Pick<FastifyRequest, 'raw'>): string {
  return `admin token from ${clientAddress(raw.socket.remoteAddress)}`;
}
