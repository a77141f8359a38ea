import type { Clock } from '../../src/ports/clock.ts';

/** A clock that moves when a test says so. Nothing may sleep on it. */
export interface HandClock extends Clock {
  advance(ms: number): void;
}

export function handClock(startsAt = Date.UTC(2024, 6, 1)): HandClock {
  let passed = 0;
  return {
    now: () => startsAt + passed,
    monotonic: () => passed,
    sleep: () => Promise.reject(new Error('nothing sleeps on a hand clock')),
    advance(ms) {
      passed += ms;
    },
  };
}
