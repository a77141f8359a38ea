import type { UpdateProgress } from '../mirror/update-state.ts';
import type { ProgressState } from '../terminal/progress.ts';

/** What a mirror, here or in a running relay, tells of itself, as bars. */
export function progressOf({ phase, source, objects, bytes, running }: UpdateProgress): ProgressState {
  return {
    label: source ? `${phase} ${source}` : phase,
    done: objects.done,
    total: objects.total,
    bytes: bytes.done,
    totalBytes: bytes.total,
    items: running.map(({ path, done, total }) => ({ name: path, done, total: total ?? done })),
  };
}
