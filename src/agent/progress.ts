import type { ManifestObject } from '../manifest/model.ts';
import type { Step } from './plan.ts';

/** How far an agent is with one source. */
export interface AgentProgress {
  /** Base URL, without credentials. */
  readonly source: string;
  /** Objects, of how many; signatures are not counted. */
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
  readonly totalBytes: number;
  /** The object under way, in bytes; an agent fetches one at a time. */
  readonly items: readonly { readonly name: string; readonly done: number; readonly total: number }[];
}

export interface ProgressTracker {
  /** `size` bytes of `object` are here. */
  advance(object: ManifestObject, size: number): void;
  /** Nothing more comes of `object`. */
  finish(object: ManifestObject): void;
}

/** Adds up what a run tells of its objects. Tells the beginning by itself. */
export function trackProgress(
  source: string,
  steps: readonly Step[],
  tell: (progress: AgentProgress) => void,
): ProgressTracker {
  const objects = steps.flatMap(({ object }) => object ?? []);
  const fixed = { source, total: objects.length, totalBytes: objects.reduce((sum, { size }) => sum + size, 0) };
  let done = 0;
  let bytes = 0;
  tell({ ...fixed, done, bytes, items: [] });
  return {
    advance({ path, size: total }, size) {
      tell({ ...fixed, done, bytes: bytes + size, items: [{ name: path, done: size, total }] });
    },
    finish({ size }) {
      done += 1;
      bytes += size;
      tell({ ...fixed, done, bytes, items: [] });
    },
  };
}
