import { LRUCache } from 'lru-cache';
import type { Clock } from '../ports/clock.ts';

/** Wrong tokens an address may send within `WINDOW` ms; then none of its tokens is looked at for that long. */
const MOST_FAILURES = 5;
const WINDOW = 60_000;

/** Addresses remembered. */
const MOST_ADDRESSES = 10_000;

/** Who has sent wrong tokens lately, by address. */
export interface LockOut {
  /** Milliseconds until tokens of this address are looked at again; 0 when they are. */
  wait(address: string): number;
  /** Answers whether this failure was the one too many. */
  failed(address: string): boolean;
  succeeded(address: string): void;
}

/** Times on the monotonic clock. */
interface Record {
  readonly failures: number;
  readonly since: number;
  readonly lockedUntil: number;
}

/** In memory only: a restart forgives everybody. */
export function createLockOut(clock: Pick<Clock, 'monotonic'>): LockOut {
  const records = new LRUCache<string, Record>({ max: MOST_ADDRESSES });
  return {
    wait: (address) => Math.max(0, (records.get(address)?.lockedUntil ?? 0) - clock.monotonic()),
    failed(address) {
      const now = clock.monotonic();
      const before = records.get(address);
      const recent = before && now - before.since < WINDOW ? before : { failures: 0, since: now };
      const failures = recent.failures + 1;
      const locked = failures >= MOST_FAILURES;
      records.set(
        address,
        locked ? { failures: 0, since: now, lockedUntil: now + WINDOW } : { ...recent, failures, lockedUntil: 0 },
      );
      return locked;
    },
    succeeded: (address) => void records.delete(address),
  };
}
