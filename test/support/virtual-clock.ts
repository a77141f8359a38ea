import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/ports/clock.ts';

/** A clock whose time passes only while everybody sleeps, and then at once: minutes cost milliseconds, to the millisecond. */
export interface VirtualClock extends Clock {
  /** Lets time pass until `until` (ms on the monotonic clock) or, sooner, until nobody sleeps any more. */
  run(until: number): Promise<void>;
}

export function virtualClock(startsAt = Date.UTC(2024, 6, 1)): VirtualClock {
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  let passed = 0;
  return {
    now: () => startsAt + passed,
    monotonic: () => passed,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { until: passed + Math.max(0, ms), wake: resolve };
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
    async run(until) {
      for (;;) {
        // Whoever was woken does all it can before time goes on.
        await turn();
        const [next] = [...sleepers].sort((a, b) => a.until - b.until);
        if (!next || next.until > until) break;
        passed = Math.max(passed, next.until);
        next.wake();
      }
      passed = until;
    },
  };
}
