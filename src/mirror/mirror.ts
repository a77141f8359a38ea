import { RelayError } from '../errors/relay-error.ts';
import type { UpdateContext } from './context.ts';
import { nextUpdateIn, type LastResult } from './schedule.ts';
import { indexWasMissing, runUpdate, type UpdateOutcome } from './update.ts';
import { trackProgress, type UpdateProgress } from './update-state.ts';

export type UpdateTrigger = 'schedule' | 'administrator';

/** What anybody may know of the mirror at any moment. */
export interface MirrorView extends UpdateProgress {
  /** ISO 8601, or null before the first. An update that found no change succeeded too. */
  readonly lastSuccessAt: string | null;
  /** `RLY_…: what happened`, or null when the last update succeeded. */
  readonly lastError: string | null;
  /** ISO 8601; null while an update runs or without a schedule. */
  readonly nextAt: string | null;
}

export interface Mirror {
  /** One update now. While one runs, its promise is the answer: there is never a second. */
  update(trigger: UpdateTrigger): Promise<UpdateOutcome>;
  /** Starts an update unless one is running; answers whether it did. What comes of it, `view` and the events tell. */
  request(trigger: UpdateTrigger): boolean;
  view(): MirrorView;
  /** Updates by itself from now on. */
  start(): void;
  /** Ends the schedule and stops an update under way; what it has staged stays. */
  stop(): Promise<void>;
}

export interface MirrorOptions extends UpdateContext {
  /** `mirror.every`, in ms. */
  readonly every: number;
  readonly random?: () => number;
  /** Called after each generation, before the update counts as done. */
  readonly onPublished?: () => Promise<void>;
  /** Called at each change of `view()`; keep it cheap. */
  readonly onProgress?: () => void;
}

/** The mirror: single flight and schedule around {@link runUpdate}. */
export function createMirror(options: MirrorOptions): Mirror {
  const { clock, events, store, every, random = Math.random } = options;
  const progress = trackProgress(options.onProgress);
  const stopped = new AbortController();
  let running: Promise<UpdateOutcome> | null = null;
  let loop: Promise<void> | null = null;
  let last: LastResult = 'none';
  let lastSuccessAt = store.generations.current()?.publishedAt ?? null;
  let lastError: string | null = null;
  let nextAt: number | null = null;

  async function once(trigger: UpdateTrigger): Promise<UpdateOutcome> {
    const startedAt = clock.monotonic();
    events.emit('update.started', { source: options.sources[0]?.url ?? '', trigger });
    try {
      const outcome = await runUpdate(options, progress, stopped.signal);
      last = 'done';
      lastError = null;
      lastSuccessAt = new Date(clock.now()).toISOString();
      if (outcome.result === 'published') {
        const seconds = Math.round((clock.monotonic() - startedAt) / 100) / 10;
        const { generation, fetched, bytes } = outcome;
        events.emit('update.published', { generation, objects: fetched, bytes, seconds });
        await options.onPublished?.();
      }
      return outcome;
    } catch (error) {
      if (stopped.signal.aborted) throw error;
      last = indexWasMissing(error) ? 'index-missing' : 'failed';
      lastError = describe(error);
      events.emit('update.failed', { generation: store.generations.current()?.number ?? null, error: lastError });
      throw error;
    } finally {
      progress.enter(last === 'index-missing' ? 'waiting' : 'idle');
    }
  }

  function update(trigger: UpdateTrigger): Promise<UpdateOutcome> {
    running ??= once(trigger).finally(() => {
      running = null;
    });
    return running;
  }

  async function follow(): Promise<void> {
    while (!stopped.signal.aborted) {
      const wait = nextUpdateIn({ last, serving: store.generations.current() !== undefined, every, random: random() });
      nextAt = clock.now() + wait;
      try {
        await clock.sleep(wait, stopped.signal);
        nextAt = null;
        await update('schedule');
      } catch {
        // Told as an event and kept in the view; the next schedule starts afresh (docs/protocol.md, "The update process").
      }
    }
  }

  return {
    update,
    request(trigger) {
      if (running) return false;
      // Its failure is an event and in the view already.
      update(trigger).catch(() => {});
      return true;
    },
    view: () => ({
      ...progress.snapshot(),
      lastSuccessAt,
      lastError,
      nextAt: nextAt === null ? null : new Date(nextAt).toISOString(),
    }),
    start() {
      loop ??= follow();
    },
    async stop() {
      stopped.abort(new Error('the relay is stopping'));
      await Promise.allSettled([running, loop]);
    },
  };
}

function describe(error: unknown): string {
  return error instanceof RelayError ? `${error.code}: ${error.message}` : `RLY_INTERNAL: ${String(error)}`;
}
