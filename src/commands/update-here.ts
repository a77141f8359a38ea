import { assembleMirror, type MirrorAssembly } from '../app/assembly.ts';
import type { Config } from '../config/schema.ts';
import { describeUpdate, type Allowance } from '../mirror/allowance.ts';
import type { DryRun } from '../mirror/dry-run.ts';
import type { UpdateOutcome } from '../mirror/update.ts';
import type { Progress } from '../terminal/progress.ts';
import { noteWork, type Shown } from './note-work.ts';
import { progressOf } from './update-progress.ts';

/** What an update of this process came to, and how long it took in ms. */
export interface UpdateHere {
  readonly outcome: UpdateOutcome;
  readonly took: number;
}

/**
 * One update of the store by this process, which is noted. Throws what `Mirror.update` throws, RLY_STORAGE_LOCKED where another process
 * has the store, and something that is no catalogue error when the signal ends it.
 */
export function updateHere(config: Config, allow: Allowance | undefined, shown: Shown): Promise<UpdateHere> {
  const startedAt = performance.now();
  return withMirror(config, shown.signal, shown.progress, async ({ mirror, store }) => {
    // Whoever may write into the store may do this without a relay, and is in its audit log all the same.
    const work = {
      command: 'update',
      what: describeUpdate(allow),
      name: describeUpdate(undefined),
      strict: allow !== undefined,
      before: {},
      run: () => mirror.update('administrator', allow),
      after: ({ result }: UpdateOutcome) => ({ result }),
    };
    return { outcome: await noteWork(store, work, shown), took: performance.now() - startedAt };
  });
}

/** What it would do. Throws as `updateHere` does. */
export function planHere(config: Config, allow: Allowance | undefined, signal: AbortSignal): Promise<DryRun> {
  return withMirror(config, signal, null, ({ dryRun }) => dryRun(undefined, allow));
}

/** Work on the store of this configuration, which closes with it, also when the signal ends it. */
export async function withMirror<T>(
  config: Config,
  signal: AbortSignal,
  progress: Progress | null,
  work: (assembly: MirrorAssembly) => Promise<T>,
): Promise<T> {
  const assembly = await assembleMirror(config, { listeners: [], onProgress: () => draw() });
  function draw(): void {
    const view = assembly.mirror.view();
    // Its end is for the summary to tell.
    if (view.phase !== 'idle' && view.phase !== 'waiting') progress?.update(progressOf(view));
  }
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= assembly.close());
  const stop = (): void => void close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    return await work(assembly);
  } finally {
    signal.removeEventListener('abort', stop);
    await close();
  }
}
