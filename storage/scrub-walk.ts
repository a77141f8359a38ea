import type { Clock } from '../src/ports/clock.ts';
import type { Events } from '../src/ports/events.ts';
import type { ScrubView } from '../src/ports/scrubber.ts';
import type { Blob, Pace, Store } from '../src/ports/store.ts';
import { leftOf, pauseAfter } from './scrub-plan.ts';

export interface WalkParts {
  readonly store: Pick<Store, 'check' | 'inventory'>;
  readonly clock: Clock;
  readonly events: Events;
}

export interface WalkOptions {
  /** The last blob a walk that was broken off had looked at; null for a whole walk. */
  readonly after: string | null;
  /** Bytes a second, at most; Infinity for no limit. */
  readonly rate: number;
  readonly signal: AbortSignal;
  /** Told how far it is, before the first blob and after each. */
  readonly onProgress: (tally: WalkTally) => void;
}

/** How far a walk is. */
export interface WalkTally extends Pick<ScrubView, 'blobs' | 'bytes' | 'broken'> {
  /** The last blob looked at. */
  readonly after: string | null;
}

/**
 * Checks the blobs of the store one after another, in the order of their names, and tells what it found. One that cannot be
 * read is told and passed over, so that it does not keep the others from being looked at. Rejects with the reason of the signal.
 */
export async function walkStore({ store, clock, events }: WalkParts, options: WalkOptions): Promise<void> {
  const { after, rate, signal, onProgress } = options;
  const all = store.inventory();
  const left = leftOf(all, after);
  const blobs = { done: all.length - left.length, total: all.length };
  const bytes = { done: sizeOf(all) - sizeOf(left), total: sizeOf(all) };
  const startedAt = clock.monotonic();
  let [broken, unread, restedAt] = [0, 0, startedAt];

  const pace: Pace = async (count) => {
    signal.throwIfAborted();
    const pause = pauseAfter(count, clock.monotonic() - restedAt, rate);
    if (pause > 0) await clock.sleep(pause, signal);
    restedAt = clock.monotonic();
  };
  const tell = (last: string | null): void =>
    onProgress({ blobs: { ...blobs }, bytes: { ...bytes }, broken, after: last });

  tell(after);
  for (const blob of left) {
    signal.throwIfAborted();
    try {
      const flaw = await store.check(blob, pace);
      if (flaw !== null) {
        broken += 1;
        events.emit('blob.broken', { sha256: blob.sha256, reason: `it ${flaw}` });
      }
    } catch (error) {
      signal.throwIfAborted();
      unread += 1;
      events.emit('blob.unread', { sha256: blob.sha256, error: String(error) });
    }
    blobs.done += 1;
    bytes.done += blob.size;
    tell(blob.sha256);
  }
  const seconds = Math.round((clock.monotonic() - startedAt) / 100) / 10;
  events.emit('store.scrubbed', { blobs: left.length, bytes: sizeOf(left), seconds, broken, unread });
}

const sizeOf = (blobs: readonly Blob[]): number => blobs.reduce((sum, { size }) => sum + size, 0);
