import type { Clock } from '../ports/clock.ts';
import { type RateAt, type WanSettings, wanRates, weekTime } from './wan-windows.ts';

/** Milliseconds of the rate that may be caught up on after a pause: enough for timers that come late. */
const BURST = 250;

/** One token bucket, kept as the time at which it will be empty of debt. Times in ms on a monotonic clock. */
export interface Bucket {
  /** Takes `bytes` that have come at `now`, at `rate` bytes per second; in how many ms more may be read. */
  take(bytes: number, rate: number, now: number): number;
}

/** A bucket that holds `BURST` ms of the rate, and none at the start: the first second moves no more than any other. */
export function createBucket(): Bucket {
  let paidUntil: number | null = null;
  return {
    take(bytes, rate, now) {
      const start = Math.max(paidUntil ?? now, now - BURST);
      paidUntil = start + (bytes / rate) * 1000;
      return Math.max(0, paidUntil - now);
    },
  };
}

/** The share of the line that all sources have together. */
export interface WanBudget {
  /**
   * Pays for bytes that have come; resolves when more may be read. First come, first served: the mirror asks for what
   * is small and protects first. Rejects with the signal's reason when it aborts.
   */
  pay(bytes: number, signal: AbortSignal): Promise<void>;
}

/** What came is paid for before more is read, so TCP slows the source down. */
export function createWanBudget(settings: WanSettings, clock: Clock): WanBudget {
  const rateAt: RateAt = wanRates(settings);
  const bucket = createBucket();
  return {
    async pay(bytes, signal) {
      const rate = rateAt(weekTime(clock.now()));
      if (rate === null) return;
      const pause = bucket.take(bytes, rate, clock.monotonic());
      if (pause > 0) await clock.sleep(pause, signal);
    },
  };
}
