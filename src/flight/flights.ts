import type { GenerationObject } from '../ports/generation.ts';
import type { FlightContext } from './context.ts';
import { identityOf, type FetchItem, type Identifiable } from './fetch-item.ts';
import { type Flight, type FlightOrders, startFlight } from './flight.ts';
import { isOfTheSource } from './judge-failure.ts';
import { createTakeMemory, type TakeMemory } from './take-memory.ts';

/** All flights under way: never two for one object (ARCHITECTURE.md, invariant 4). */
export interface Flights {
  /** Brings an object home, with the flight that is under way for it, or one of its own. Rejects as `Flight.home` does. */
  bring(orders: FlightOrders): Promise<GenerationObject>;
  /** The flight for an object: the one under way, or one with these orders. */
  join(item: FetchItem, orders: () => FlightOrders): { readonly flight: Flight; readonly began: boolean };
  /** Whether one is under way for an object: what it has noted may not be on disk yet. */
  isUnderWay(object: Identifiable): boolean;
  /** What became of their takes. */
  readonly takes: Pick<TakeMemory, 'contentOf' | 'wasCut'>;
  /** Resolves when none is under way. */
  landed(): Promise<void>;
}

export function createFlights(context: FlightContext): Flights {
  const underWay = new Map<unknown, Flight>();
  const takes = createTakeMemory(context.clock);

  /** A signature has no identity of its own: those of two indexes may be under way at once. */
  const keyOf = (item: FetchItem): unknown => (item.kind === 'signature' ? item : identityOf(item));

  function start(orders: FlightOrders): Flight {
    const key = keyOf(orders.item);
    const flight = startFlight(orders, context, () => takes.cut(orders.item.path));
    underWay.set(key, flight);
    const over = (): void => void underWay.delete(key);
    const landed = ({ sha256 }: GenerationObject): void => {
      // What has no listed size has no take.
      if (orders.item.size !== null) takes.landed(flight.landed().take.tag, sha256);
      over();
    };
    flight.home.then(landed, over);
    return flight;
  }

  return {
    takes,
    async bring(orders) {
      const present = underWay.get(keyOf(orders.item));
      if (!present) return start(orders).home;
      try {
        const object = await present.home;
        if (present.isBlob()) return object;
      } catch (error) {
        // It may have had other candidates, and fewer.
        if (!isOfTheSource(error)) throw error;
      }
      // That one found no room on disk, or no source.
      return start(orders).home;
    },
    join(item, orders) {
      const present = underWay.get(keyOf(item));
      return present ? { flight: present, began: false } : { flight: start(orders()), began: true };
    },
    isUnderWay: (object) => underWay.has(identityOf(object)),
    async landed() {
      while (underWay.size > 0) await Promise.allSettled([...underWay.values()].map(({ home }) => home));
    },
  };
}
