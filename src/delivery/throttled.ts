import type { Clock } from '../ports/clock.ts';

/** Milliseconds between two times the same is told. */
const PAUSE = 60_000;

/** Counts what may happen a thousand times a second, and tells of it without becoming a flood itself. */
export interface Throttled<T> {
  add(latest: T): void;
  /** Tells what is left to tell, if its time has come. */
  flush(): void;
}

/** The first is told at once, and then at most once a minute: how often it happened since, and the latest of them. */
export function createThrottled<T>(
  clock: Pick<Clock, 'monotonic'>,
  tell: (latest: T, count: number) => void,
): Throttled<T> {
  let waiting: { readonly latest: T; readonly count: number } | undefined;
  let quietUntil = -Infinity;
  const flush = (): void => {
    if (!waiting || clock.monotonic() < quietUntil) return;
    const { latest, count } = waiting;
    [waiting, quietUntil] = [undefined, clock.monotonic() + PAUSE];
    tell(latest, count);
  };
  return {
    add(latest) {
      waiting = { latest, count: (waiting?.count ?? 0) + 1 };
      flush();
    },
    flush,
  };
}
