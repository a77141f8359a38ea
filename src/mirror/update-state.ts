/** Where one update stands. `idle` between updates; `waiting` when the index was missing and a release may be under way. */
export type UpdatePhase = (typeof UPDATE_PHASES)[number];
export const UPDATE_PHASES = [
  'idle',
  'waiting',
  'checking',
  'planning',
  'acquiring',
  'confirming',
  'publishing',
] as const;

/** One download under way. Bytes; `total` is null for a signature, whose size nobody knows before. */
export interface RunningItem {
  readonly path: string;
  readonly done: number;
  readonly total: number | null;
}

/** What an update looks like from outside while it runs. */
export interface UpdateProgress {
  readonly phase: UpdatePhase;
  readonly source: string | null;
  readonly objects: { readonly done: number; readonly total: number };
  readonly bytes: { readonly done: number; readonly total: number };
  readonly running: readonly RunningItem[];
}

/** Keeps count of one update; `snapshot` may be asked for at any moment. */
export interface ProgressTracker {
  enter(phase: UpdatePhase, source?: string | null): void;
  planned(objects: number, bytes: number): void;
  advance(path: string, done: number, total: number | null): void;
  finished(path: string): void;
  snapshot(): UpdateProgress;
}

export function trackProgress(onChange: () => void = () => {}): ProgressTracker {
  let phase: UpdatePhase = 'idle';
  let source: string | null = null;
  let objects = { done: 0, total: 0 };
  let bytes = { done: 0, total: 0 };
  const running = new Map<string, RunningItem>();

  return {
    enter(next, at) {
      phase = next;
      if (at !== undefined) source = at;
      onChange();
    },
    planned(count, size) {
      objects = { done: 0, total: count };
      bytes = { done: 0, total: size };
      running.clear();
      onChange();
    },
    advance(path, done, total) {
      running.set(path, { path, done, total });
      onChange();
    },
    finished(path) {
      const item = running.get(path);
      objects = { ...objects, done: objects.done + 1 };
      // Signatures are in no total, so they are in no sum either: the bar ends at 100 %.
      bytes = { ...bytes, done: bytes.done + (item?.total ?? 0) };
      running.delete(path);
      onChange();
    },
    snapshot() {
      const items = [...running.values()];
      const partial = items.reduce((sum, item) => sum + (item.total === null ? 0 : item.done), 0);
      return { phase, source, objects, bytes: { ...bytes, done: bytes.done + partial }, running: items };
    },
  };
}
