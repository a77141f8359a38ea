import type { Clock } from '../ports/clock.ts';

/** The server gives each agent it notifies 30 minutes to update (docs/protocol.md §5). */
const PIN_MS = 30 * 60 * 1000;

/** Addresses remembered; those that read an index longest ago go first. A /16 of agents, in some 10 MB. */
const MOST_ADDRESSES = 65_536;

/** Who asks. Several agents may share an address; nobody shares a connection. */
export interface Asker {
  /** Any object that lives as long as the connection. */
  readonly connection: object;
  readonly address: string;
}

/** Which agent works from which generation. */
export interface Sticky {
  /** Tells that this agent was just given the index of `generation`. */
  indexRead(asker: Asker, generation: number): void;
  /** The generation whose index this agent has: read over this connection, else from this address, else at the start's rule. */
  pinned(asker: Asker): number | undefined;
  /** All generations an agent may still be working from. The collector keeps them. */
  pinnedGenerations(): ReadonlySet<number>;
}

interface Pin {
  readonly generation: number;
  /** On the monotonic clock. */
  readonly until: number;
}

/**
 * Pins agents to the generation whose index they read, for 30 minutes (docs/protocol.md §4: names recur, so an index
 * and its objects must be of one moment). Pins do not survive a restart; `atStart` is the generation that was current
 * then. An agent that read an index shortly before read that one, so for 30 minutes it is everybody's who has no pin.
 */
export function createSticky(clock: Clock, atStart: number | undefined): Sticky {
  const byConnection = new WeakMap<object, Pin>();
  /** In the order of their pins, which is that of their ends: the first may go first. A look-up changes nothing. */
  const byAddress = new Map<string, Pin>();
  /** The latest pin of each generation: what `pinnedGenerations` needs without walking through all addresses. */
  const byGeneration = new Map<number, Pin>();
  const startPin = atStart === undefined ? undefined : pin(atStart);

  function pin(generation: number): Pin {
    const made = { generation, until: clock.monotonic() + PIN_MS };
    byGeneration.set(generation, made);
    return made;
  }

  function pinAddress(address: string, made: Pin): void {
    byAddress.delete(address);
    byAddress.set(address, made);
    const [first] = byAddress.size > MOST_ADDRESSES ? byAddress.keys() : [];
    if (first !== undefined) byAddress.delete(first);
  }

  return {
    indexRead({ connection, address }, generation) {
      const made = pin(generation);
      byConnection.set(connection, made);
      pinAddress(address, made);
    },
    pinned({ connection, address }) {
      const now = clock.monotonic();
      const live = (candidate: Pin | undefined): number | undefined =>
        candidate && now < candidate.until ? candidate.generation : undefined;
      return live(byConnection.get(connection)) ?? live(byAddress.get(address)) ?? live(startPin);
    },
    pinnedGenerations() {
      const now = clock.monotonic();
      for (const [generation, { until }] of byGeneration) {
        if (now >= until) byGeneration.delete(generation);
      }
      return new Set(byGeneration.keys());
    },
  };
}
