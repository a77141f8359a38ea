import type { Finding } from '../../storage/findings.ts';
import type { Config } from '../config/schema.ts';
import { repairStore } from '../mirror/repair.ts';
import { silentEvents } from '../ports/events.ts';
import type { Progress } from '../terminal/progress.ts';
import { withMirror } from './update-here.ts';

/**
 * Repairs the store by this process: opening it mends what a start mends, then the damaged blobs among `findings` are fetched
 * again. Throws RLY_STORAGE_LOCKED where another process has the store, RLY_STORAGE_OWNER, what an update throws, and
 * something that is no catalogue error when the signal ends it.
 */
export async function repairHere(
  config: Config,
  findings: readonly Finding[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const damaged = findings.flatMap(({ weight, blob }) => (weight === 'wrong' && blob !== null ? [blob] : []));
  await withMirror(config, signal, progress, (assembly) => {
    const { store } = assembly;
    const examine = async (): Promise<void> => {
      for (const blob of damaged) await store.check(blob);
    };
    return repairStore({ ...assembly, events: silentEvents, pinned: () => new Set(), examine }, signal);
  });
}
