import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { addressMatcher } from '../config/addresses.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import { clientAddress } from './client-address.ts';
import { follow, type Pace } from './reader-pace.ts';
import { createThrottled } from './throttled.ts';

export interface ConnectionLimits {
  /** Connections at a time. */
  readonly most: number;
  /** Of one address. */
  readonly mostPerAddress: number;
  /** Addresses that many clients come from: the second limit is not for them. */
  readonly proxies: readonly string[];
}

/** Looks after the connections of a listener: none over the limits stays open, nor one whose reader keeps us waiting. */
export interface Connections {
  /** Looks after those of this server. */
  watch(server: Server): void;
  /** From now on these limits hold. Connections over them stay till they end. */
  limit(limits: ConnectionLimits): void;
  open(): number;
  /** Looks at every reader. Called every few seconds. */
  sweep(): void;
}

export interface ConnectionsOptions {
  /** Which listener, for the log. */
  readonly listener: string;
  readonly limits: ConnectionLimits;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly events: Events;
}

/** Costs something when a connection is made and when it ends, and nothing in between. */
export function createConnections({ listener, limits: first, clock, events }: ConnectionsOptions): Connections {
  const byAddress = new Map<string, number>();
  /** Those that bytes are written to: with TLS, not the ones below. */
  const readers = new Map<Socket, Pace>();
  let limits = first;
  let isProxy = addressMatcher(first.proxies);
  let open = 0;

  const told = (reason: string) =>
    createThrottled<string>(clock, (address, count) => {
      events.emit('connections.ended', { listener, count, reason, address });
    });
  const endings = {
    full: told('all places are taken'),
    address: told('its address has all the places it may have'),
    slow: told('it read too slowly'),
  };

  function refuse(socket: Socket, why: 'full' | 'address', address: string): void {
    // A reset, not a close: whoever closes first keeps the connection in TIME_WAIT.
    socket.resetAndDestroy();
    endings[why].add(address);
  }

  function came(socket: Socket): void {
    const address = clientAddress(socket.remoteAddress);
    const before = byAddress.get(address) ?? 0;
    if (open >= limits.most) return refuse(socket, 'full', address);
    if (before >= limits.mostPerAddress && !isProxy(address)) return refuse(socket, 'address', address);
    byAddress.set(address, before + 1);
    open += 1;
    socket.on('close', () => {
      open -= 1;
      const left = (byAddress.get(address) ?? 1) - 1;
      if (left > 0) byAddress.set(address, left);
      else byAddress.delete(address);
    });
  }

  function readsFrom(socket: Socket): void {
    if (socket.destroyed) return;
    readers.set(socket, undefined);
    socket.on('close', () => readers.delete(socket));
  }

  return {
    watch(server) {
      server.prependListener(server instanceof TlsServer ? 'secureConnection' : 'connection', readsFrom);
      server.prependListener('connection', came);
    },
    limit(next) {
      limits = next;
      isProxy = addressMatcher(next.proxies);
    },
    open: () => open,
    sweep() {
      const at = clock.monotonic();
      for (const [socket, before] of readers) {
        const pace = follow(before, { written: socket.bytesWritten, pending: socket.writableLength, at });
        if (pace === 'too slow') {
          endings.slow.add(clientAddress(socket.remoteAddress));
          socket.destroy();
        } else readers.set(socket, pace);
      }
      for (const ending of Object.values(endings)) ending.flush();
    },
  };
}
