/** How far a walk over the store is, and what the last one came to. */
export interface ScrubView {
  readonly state: 'idle' | 'walking';
  /** Of the walk under way, else of the last one. */
  readonly blobs: { readonly done: number; readonly total: number };
  readonly bytes: { readonly done: number; readonly total: number };
  /** Blobs of that walk that were not what their name says. */
  readonly broken: number;
  /** When the last walk that came to its end had begun: ISO 8601, or null before the first. */
  readonly lastWalkAt: string | null;
  /** ISO 8601; null while one is under way or without a schedule. */
  readonly nextAt: string | null;
}

/**
 * Reads every blob of the store again and again, and deletes what is damaged, so that it counts as missing and is fetched
 * again before an agent asks for it.
 */
export interface Scrubber {
  view(): ScrubView;
  /** Walks by itself from now on, slowly. */
  start(): void;
  /** One whole walk at once, as fast as the disk allows, in place of one under way. Rejects when the scrubber is stopped. */
  walkNow(): Promise<void>;
  /** Ends a walk within a piece; the next start goes on from there. */
  stop(): Promise<void>;
}
