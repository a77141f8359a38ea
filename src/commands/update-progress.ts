import type { UpdatePhase, UpdateProgress } from '../mirror/update-state.ts';
import type { ProgressState } from '../terminal/progress-state.ts';

const LABELS: Record<UpdatePhase, string> = {
  idle: 'Waiting',
  waiting: 'Waiting for the index',
  checking: 'Asking for the index',
  planning: 'Planning',
  acquiring: 'Fetching',
  confirming: 'Asking whether the index has changed meanwhile',
  publishing: 'Publishing',
};

/** What a mirror, here or in a running relay, tells of itself, as bars. */
export function progressOf({ phase, source, objects, bytes, running }: UpdateProgress): ProgressState {
  const from = source && (phase === 'checking' || phase === 'acquiring') ? ` from ${source}` : '';
  return {
    label: `${LABELS[phase]}${from}`,
    done: objects.done,
    total: objects.total,
    bytes: bytes.done,
    totalBytes: bytes.total,
    items: running.map(({ path, done, total }) => ({ name: path, done, total: total ?? done })),
  };
}
