/** How far a piece of work is. */
export interface ProgressState {
  /** What is being done: `Updating from osce.example.com`. */
  readonly label: string;
  /** Things done, of how many. */
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
  readonly totalBytes: number;
  /** What is under way, in bytes. */
  readonly items: readonly ProgressItem[];
}

export interface ProgressItem {
  readonly name: string;
  readonly done: number;
  readonly total: number;
}

/** One way of showing it. */
export interface ProgressView {
  update(state: ProgressState): void;
  close(): void;
}
