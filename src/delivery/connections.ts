import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { addressMatcher } from '../config/addresses.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import { clientAddress } from './client-address.ts';
import { follow, type Pace } from './reader-pace.ts';
import { createThrottled, type Throttled } from './throttled.ts';

export interface ConnectionLimits {
  /** Connections at a time. */
  readonly most: number;
  /** Of one address. */
  readonly mostPerAddress: number;
  /** Addresses that many clients come from: the second limit is not for them. */
  readonly proxies: readonly string[];
  /** So many of the connections at a time are for these addresses and networks alone. */
  readonly kept?: { readonly places: number; readonly addresses: readonly string[] };
}

/**
 * Looks after the connections of a listener: none over the limits stays open, nor one whose reader keeps us waiting, nor one over
 * which nothing is asked any more.
 */
export interface Connections {
  /** Looks after those of this server. */
  watch(server: Server): void;
  /** What was asked over one of them will have this answer. Called when all has been done that can be done at once. */
  asked(connection: Socket, answer: ServerResponse): void;
  /** This one is ended by somebody else, who knows why. */
  ended(connection: Socket, why: Ending): void;
  /** From now on these limits hold. Connections over them stay till they end. */
  limit(limits: ConnectionLimits): void;
  open(): number;
  /** Looks at every connection. Called every few seconds. */
  sweep(): void;
}

/** Why the relay ends connections, as the log and the metrics have it. */
const REASONS = {
  full: 'all places are taken',
  address: 'its address has all the places it may have',
  slow: 'it read too slowly',
  idle: 'nothing was asked over it any more',
  garbled: 'what came was no HTTP',
  large: 'the head of a request was too large',
  late: 'a request took too long to arrive',
  stranger: 'what came was no request, from an address that may not ask',
} as const;

export type Ending = keyof typeof REASONS;

export interface ConnectionsOptions {
  /** Which listener, for the log. */
  readonly listener: string;
  readonly limits: ConnectionLimits;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly events: Events;
}

/** What is remembered of a connection. */
interface Watched {
  pace: Pace;
  /** The latest that was not over at once: answers go out in turn, so all are over when it is. */
  answer: ServerResponse | undefined;
  /** When it was last seen to be of use, and how many bytes had been written to it by then. */
  usedAt: number;
  written: number;
}

/** Costs something when a connection is made and when it ends, and next to nothing in between. */
export function createConnections({ listener, limits: first, clock, events }: ConnectionsOptions): Connections {
  const byAddress = new Map<string, number>();
  /** Those that bytes are written to: with TLS, not the ones below. */
  const readers = new Map<Socket, Watched>();
  let patience = Infinity;
  let limits = matching(first);
  let open = 0;

  const endings = Object.fromEntries(
    Object.entries(REASONS).map(([why, reason]) => [
      why,
      createThrottled<string>(clock, (address, count) => {
        events.emit('connections.ended', { listener, count, reason, address });
      }),
    ]),
  ) as Record<Ending, Throttled<string>>;

  function refuse(socket: Socket, why: 'full' | 'address', address: string): void {
    // A reset, not a close: whoever closes first keeps the connection in TIME_WAIT.
    socket.on('error', () => {}).resetAndDestroy();
    endings[why].add(address);
  }

  /** Answers whether it may stay. */
  function came(socket: Socket): boolean {
    const address = clientAddress(socket.remoteAddress);
    const before = byAddress.get(address) ?? 0;
    const why = refusalOf(address, before);
    if (why) {
      refuse(socket, why, address);
      return false;
    }
    byAddress.set(address, before + 1);
    open += 1;
    socket.on('close', () => {
      open -= 1;
      const left = (byAddress.get(address) ?? 1) - 1;
      if (left > 0) byAddress.set(address, left);
      else byAddress.delete(address);
    });
    return true;
  }

  function refusalOf(address: string, before: number): 'full' | 'address' | undefined {
    const { most, mostPerAddress, kept, isProxy, isKept } = limits;
    if (open >= most || (kept && open >= most - kept.places && !isKept(address))) return 'full';
    if (before >= mostPerAddress && !isProxy(address)) return 'address';
    return undefined;
  }

  function readsFrom(socket: Socket): void {
    if (socket.destroyed) return;
    readers.set(socket, { pace: undefined, answer: undefined, usedAt: clock.monotonic(), written: 0 });
    socket.on('close', () => readers.delete(socket));
  }

  /**
   * Node's own limit for idle connections begins anew with each empty line, which is no request, and so does the one for standing
   * still. A first request has limits that do not.
   */
  function isIdle(socket: Socket, watched: Watched, at: number): boolean {
    const { bytesWritten } = socket;
    if (watched.answer && isOver(watched.answer)) watched.answer = undefined;
    if (watched.answer || bytesWritten !== watched.written || bytesWritten === 0) {
      watched.written = bytesWritten;
      watched.usedAt = at;
    }
    return at - watched.usedAt > patience;
  }

  function ended(socket: Socket, why: Ending): void {
    endings[why].add(clientAddress(socket.remoteAddress));
  }

  function end(socket: Socket, why: 'slow' | 'idle'): void {
    ended(socket, why);
    socket.destroy();
  }

  return {
    watch(server) {
      // The next request may begin in the last moment, and has its own time to arrive.
      patience = server.keepAliveTimeout + server.keepAliveTimeoutBuffer + server.headersTimeout;
      const isSecure = server instanceof TlsServer;
      if (isSecure) server.prependListener('secureConnection', readsFrom);
      // What is refused gets no further: TLS would tell of each as one on which it failed.
      const takers = server.listeners('connection');
      server.removeAllListeners('connection').on('connection', (socket) => {
        if (!came(socket)) return;
        if (!isSecure) readsFrom(socket);
        for (const take of takers) Reflect.apply(take, server, [socket]);
      });
    },
    asked(connection, answer) {
      if (isOver(answer)) return;
      const watched = readers.get(connection);
      if (watched) watched.answer = answer;
    },
    ended,
    limit(next) {
      limits = matching(next);
    },
    open: () => open,
    sweep() {
      const at = clock.monotonic();
      for (const [socket, watched] of readers) {
        const pace = follow(watched.pace, { written: socket.bytesWritten, pending: socket.writableLength, at });
        if (pace === 'too slow') end(socket, 'slow');
        else if (isIdle(socket, watched, at)) end(socket, 'idle');
        else watched.pace = pace;
      }
      for (const ending of Object.values(endings)) ending.flush();
    },
  };
}

interface Matching extends ConnectionLimits {
  readonly isProxy: (address: string) => boolean;
  readonly isKept: (address: string) => boolean;
}

function matching(limits: ConnectionLimits): Matching {
  return {
    ...limits,
    isProxy: addressMatcher(limits.proxies),
    isKept: addressMatcher(limits.kept?.addresses ?? []),
  };
}

function isOver(answer: ServerResponse): boolean {
  return answer.writableFinished || answer.destroyed;
}
