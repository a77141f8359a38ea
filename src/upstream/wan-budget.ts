import type { Clock } from '../ports/clock.ts';
import { type Lane, nextTurn } from './wan-turns.ts';
import { type RateAt, type WanSettings, wanRates, weekTime } from './wan-windows.ts';

/** Milliseconds of the rate that may be caught up on after a pause: enough for timers that come late. */
const BURST = 250;

/** The same where a piece was waiting all the time: then it was this process that came late, and not the source. */
const LATE = 2_000;

/** One token bucket, kept as the time at which it will be empty of debt. Times in ms on a monotonic clock. */
export interface Bucket {
  /**
   * Takes `bytes`, which have been waiting since `since`, at `rate` bytes per second; in how many ms more may be read.
   */
  take(bytes: number, rate: number, now: number, since?: number): number;
  /** For how many ms it is still in debt (negative), or has been out of it, up to `BURST`. */
  idle(now: number): number;
}

/** A bucket that holds `BURST` ms of the rate, and none at the start: the first second moves no more than any other. */
export function createBucket(): Bucket {
  let paidUntil: number | null = null;
  return {
    take(bytes, rate, now, since = now) {
      const earliest = Math.min(now - BURST, Math.max(since, now - LATE));
      const start = Math.max(paidUntil ?? now, earliest);
      paidUntil = start + (bytes / rate) * 1000;
      return Math.max(0, paidUntil - now);
    },
    idle: (now) => Math.min(BURST, now - (paidUntil ?? now)),
  };
}

/** The share of the line that all sources have together. */
export interface WanBudget {
  /**
   * Pays for bytes that have come; resolves when more may be read. Whose turn it is, `nextTurn` decides, by the lane as it
   * is at that moment. Rejects with the signal's reason when it aborts.
   */
  pay(bytes: number, lane: () => Lane, signal: AbortSignal): Promise<void>;
  /** From now on these rates hold. */
  readonly limit: (settings: WanSettings) => void;
}

interface Payer {
  readonly bytes: number;
  readonly lane: () => Lane;
  readonly since: number;
  readonly paid: () => void;
}

/** What came is paid for before more is read, so TCP slows the source down. One piece is paid for at a time. */
export function createWanBudget(settings: WanSettings, clock: Clock): WanBudget {
  let rateAt: RateAt = wanRates(settings);
  const currentRate = (): number | null => rateAt(weekTime(clock.now()));
  const bucket = createBucket();
  const queue: Payer[] = [];
  let serving = false;
  /** Ends a wait for the next piece of an urgent download: something has come. */
  let news = new AbortController();
  let urgentPaidAt: number | null = null;
  let overdueBefore = false;

  const leave = (payer: Payer): void => {
    const place = queue.indexOf(payer);
    if (place >= 0) queue.splice(place, 1);
  };

  /** Pays for the piece whose turn it is, or waits until it is somebody's. */
  async function serveNext(): Promise<void> {
    const rate = currentRate();
    if (rate === null) {
      for (const { paid } of queue.splice(0)) paid();
      return;
    }
    const now = clock.monotonic();
    const idle = bucket.idle(now);
    if (idle < 0) return clock.sleep(-idle);
    const waiting = queue.map(({ lane, since }) => ({ lane: lane(), since }));
    const turn = nextTurn(waiting, { now, idle, urgentPaidAt, overdueBefore });
    if ('wait' in turn) {
      news = new AbortController();
      return clock.sleep(turn.wait, news.signal).catch(() => {});
    }
    const [payer] = queue.splice(turn.next, 1);
    if (!payer) return;
    overdueBefore = turn.overdue;
    const pause = bucket.take(payer.bytes, rate, now, payer.since);
    if (pause > 0) await clock.sleep(pause);
    if (waiting[turn.next]?.lane === 'urgent') urgentPaidAt = clock.monotonic();
    payer.paid();
  }

  /** Until nobody waits. */
  async function serve(): Promise<void> {
    if (serving) return;
    serving = true;
    try {
      while (queue.length > 0) await serveNext();
    } finally {
      serving = false;
    }
  }

  return {
    limit(next) {
      rateAt = wanRates(next);
    },
    async pay(bytes, lane, signal) {
      signal.throwIfAborted();
      if (currentRate() === null) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const payer = { bytes, lane, since: clock.monotonic(), paid: resolve };
      const giveUp = (): void => {
        leave(payer);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      queue.push(payer);
      news.abort();
      void serve();
      try {
        await promise;
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
    },
  };
}
