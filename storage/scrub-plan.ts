/** Milliseconds. A start has an update to make first, and agents that waited for it. */
const SETTLE = 5 * 60_000;

export interface WalkInput {
  /** When the last walk began, in ms since the epoch; null when none is known of. */
  readonly begunAt: number | null;
  readonly now: number;
  /** `storage.scrub.every`, in ms. */
  readonly every: number;
}

/**
 * Milliseconds until the next walk: from one beginning to the next, so that `every` is the time between two looks at the same
 * blob. A beginning that lies ahead is from a clock that was wrong, and says nothing. Pure.
 */
export function nextWalkIn({ begunAt, now, every }: WalkInput): number {
  const passed = begunAt === null || begunAt > now ? Infinity : now - begunAt;
  return Math.max(SETTLE, every - passed);
}

/** Milliseconds to wait after a piece that took `took`, so that no more than `rate` bytes a second are read. Pure. */
export function pauseAfter(bytes: number, took: number, rate: number): number {
  return Math.max(0, (bytes * 1000) / rate - took);
}

/** What is left of a walk whose last blob was `after`, in the order of names; all of it where that is null. Pure. */
export function leftOf<B extends { readonly sha256: string }>(blobs: readonly B[], after: string | null): readonly B[] {
  return after === null ? blobs : blobs.filter(({ sha256 }) => sha256 > after);
}
