import { EventEmitter, once } from 'node:events';
import { systemClock, type Clock } from '../../src/ports/clock.ts';

/** A clock that runs like the system's, is moved on by hand, and on which a sleep ends only by that: no schedule surprises a test. */
export interface SteppedClock extends Clock {
  /** Moves on by `ms` and wakes everybody whose time has come. */
  advance(ms: number): void;
  /** The milliseconds of the `count`th sleep since the start, now or when it is asked for. */
  nthSleep(count: number): Promise<number>;
}

export function steppedClock(): SteppedClock {
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  const sleeps: number[] = [];
  const news = new EventEmitter();
  let ahead = 0;
  const monotonic = () => systemClock.monotonic() + ahead;
  return {
    now: () => systemClock.now() + ahead,
    monotonic,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
      news.emit('sleep');
      if (ms <= 0) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { until: monotonic() + ms, wake: resolve };
      const abort = () => reject(signal?.reason);
      sleepers.add(sleeper);
      signal?.addEventListener('abort', abort);
      try {
        await promise;
      } finally {
        sleepers.delete(sleeper);
        signal?.removeEventListener('abort', abort);
      }
    },
    async nthSleep(count) {
      for (;;) {
        const ms = sleeps[count - 1];
        if (ms !== undefined) return ms;
        await once(news, 'sleep');
      }
    },
    advance(ms) {
      ahead += ms;
      for (const { until, wake } of sleepers) if (until <= monotonic()) wake();
    },
  };
}
