import type { RelayError } from '../errors/relay-error.ts';
import type { Growing } from '../ports/growing.ts';
import type { TakeWriter } from './followed-writer.ts';

/**
 * Bytes at the end that leave only when the whole is proven (SECURITY.md, duty 2). 64 KiB: the end of a ZIP, without which
 * nothing can be unpacked, lies in it, and no client takes for complete what lacks so much of its Content-Length.
 */
const HELD_BACK = 64 * 1024;

export interface GrowingContentOptions {
  /** Bytes of the whole. */
  readonly size: number;
  /** Where what has come can be read again, also when all of it has; and who is to know for how long somebody may. */
  readonly from: Pick<TakeWriter, 'read' | 'follow'>;
  /** Holds the same bytes, where there is room for them: then nothing is read twice. */
  readonly memory?: Buffer | undefined;
  /** Told where a reader stands that has to wait. */
  readonly onWait?: (position: number) => void;
}

/** The side of whoever brings the bytes, in their order. */
export interface GrowingContent extends Growing {
  /** Whether any byte was ever available. */
  readonly released: boolean;
  /** The first `bytes` bytes are here and can be read. */
  grewTo(bytes: number): void;
  /** So are those from `start` to `end`, in memory: of a request that runs ahead. */
  grewAhead(start: number, end: number): void;
  /** The whole is here and proven: all of it may leave. */
  proven(): void;
  /** It will never be whole. Every reader is told, also those to come. */
  fail(error: RelayError): void;
}

/** Content that nobody has brought a byte of yet. */
export function createGrowingContent({ size, from, memory, onWait }: GrowingContentOptions): GrowingContent {
  let here = 0;
  let free = Math.max(0, size - HELD_BACK);
  let ahead = { start: 0, end: 0 };
  let released = false;
  let failure: RelayError | null = null;
  const concerned = new Set<() => void>();
  // One promise for all who wait, at each step: they look again, and most have what they waited for.
  let step = Promise.withResolvers<void>();

  function moved(): void {
    released ||= available(0) > 0;
    step.resolve();
    step = Promise.withResolvers();
  }

  function available(position: number): number {
    if (failure) return 0;
    const isAhead = position >= here && position >= ahead.start && position < ahead.end;
    return Math.max(0, Math.min(isAhead ? ahead.end : here, free) - position);
  }

  return {
    size,
    get released() {
      return released;
    },
    available,
    async arrival(position) {
      while (available(position) === 0) {
        if (failure) throw failure;
        onWait?.(position);
        await step.promise;
      }
    },
    slice: (start, end) => memory?.subarray(start, end),
    read: (target, position) => from.read(target.subarray(0, available(position)), position),
    whenWorthless(tell) {
      // What is in memory is not read.
      const leave = memory ? undefined : from.follow?.();
      if (failure) tell();
      else concerned.add(tell);
      return () => {
        concerned.delete(tell);
        leave?.();
      };
    },
    grewTo(bytes) {
      here = bytes;
      moved();
    },
    grewAhead(start, end) {
      ahead = { start, end };
      moved();
    },
    proven() {
      here = size;
      free = size;
      moved();
    },
    fail(error) {
      failure = error;
      for (const tell of concerned) tell();
      concerned.clear();
      moved();
    },
  };
}
