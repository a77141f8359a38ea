import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { GenerationObject } from '../ports/generation.ts';
import { type FetchItem, isOfProgram } from '../flight/fetch-item.ts';
import { isAboutTheObject } from '../flight/judge-failure.ts';
import { acquireObject, type AcquireFrom } from './acquire-object.ts';
import type { UpdateContext } from './context.ts';
import type { ProgressTracker } from './update-state.ts';

/** What came home: objects on disk, proven and staged; and the program packages the source does not have. */
export interface Acquired {
  readonly objects: readonly GenerationObject[];
  readonly absent: readonly string[];
}

/** Downloads at a time. One TCP connection rarely fills a WAN line with 80 ms; many starve the rest of the branch. */
const CONCURRENCY = 6;

/**
 * Fetches `items` in their order, several at a time, and stages each as soon as it is proven, so that a killed update
 * brings none of them twice. After the first failure nothing new is begun, but what is under way ends and is kept:
 * those bytes have crossed the WAN. Rejects with that first failure.
 */
export async function acquire(
  items: readonly FetchItem[],
  from: AcquireFrom,
  context: UpdateContext,
  progress: ProgressTracker,
  signal: AbortSignal,
): Promise<Acquired> {
  const objects: GenerationObject[] = [];
  const absent: string[] = [];
  const queue = items.values();
  let failure: unknown;

  function leaveOut({ path }: FetchItem, reason: string): void {
    absent.push(path);
    context.events.emit('object.absent', { path, reason });
  }

  async function worker(): Promise<void> {
    for (const item of queue) {
      if (failure !== undefined || signal.aborted) return;
      progress.advance(item.path, 0, item.size);
      try {
        const acquired = await acquireObject(item, from, context, progress, signal);
        if ('absent' in acquired) leaveOut(item, acquired.absent);
        else objects.push(acquired);
      } catch (error) {
        const verdict = judge(item, error);
        if (verdict === 'failure') failure ??= error;
        if (verdict === 'absent') leaveOut(item, error instanceof RelayError ? error.message : String(error));
      } finally {
        progress.finished(item.path);
      }
    }
  }

  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  if (failure !== undefined) throw failure;
  signal.throwIfAborted();
  return { objects, absent };
}

/**
 * Some files have no signature, and old product packages are named with wrong sizes or are long gone
 * (docs/protocol.md): neither may hold back today's patterns. Everything else that fails, fails the update.
 */
function judge(item: FetchItem, error: unknown): 'failure' | 'absent' | 'none' {
  if (item.kind === 'signature' && isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND')) return 'none';
  if (!isOfProgram(item)) return 'failure';
  return isRelayError(error) && isAboutTheObject(error) ? 'absent' : 'failure';
}
