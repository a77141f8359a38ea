import { setTimeout as pause } from 'node:timers/promises';
import { now } from '../now.ts';

/** The line behind which an origin lies: so many bytes a second for all its connections together. */
export interface Line {
  /** Resolves when `bytes` may leave. */
  pass(bytes: number): Promise<void>;
}

/** Nothing accrues while the line is idle. Without a rate everything passes at once. */
export function createLine(bytesPerSecond: number | undefined): Line {
  let free = 0;
  return {
    async pass(bytes) {
      if (bytesPerSecond === undefined) return;
      const begin = Math.max(free, now());
      free = begin + (bytes / bytesPerSecond) * 1000;
      // Timers have milliseconds: what is due within one goes at once, and the debt is carried on.
      if (begin - now() > 1) await pause(begin - now());
    },
  };
}
