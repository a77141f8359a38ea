import type { RandomReader } from './store.ts';

/**
 * Content that is still coming. Any number of readers follow it, each at its own pace and from where it likes. What may not
 * leave yet, because it is not proven, is not available.
 */
export interface Growing extends RandomReader {
  /** Bytes of the whole. */
  readonly size: number;
  /** How many bytes from `position` on may be read now; with none, `arrival` tells when. */
  available(position: number): number;
  /** Resolves when some are; rejects with a catalogue error when they will never come: what a reader has of it is worthless then. */
  arrival(position: number): Promise<void>;
  /** Available bytes without a copy, where they are in memory. */
  slice(start: number, end: number): Buffer | undefined;
  /**
   * Has `tell` called as soon as what readers have is worthless, also if it is already. Memory handed out by `slice` may have other
   * bytes when `tell` returns: what was to leave from there has to be stopped by then. Until the answer is
   * called, what is read is there: call it when nothing is under way any more.
   */
  whenWorthless(tell: () => void): () => void;
}
