import type { InspectionProgress } from '../../storage/inspect-store.ts';
import type { ProgressState } from '../terminal/progress-state.ts';

/** Reading of a store, by this process or by a running relay, as a bar. */
export function readingProgress({ blobs, bytes }: InspectionProgress): ProgressState {
  return {
    label: 'Reading the store',
    done: blobs.done,
    total: blobs.total,
    bytes: bytes.done,
    totalBytes: bytes.total,
    items: [],
  };
}
