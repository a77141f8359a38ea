import { RelayError } from '../errors/relay-error.ts';
import type { Allowance } from './allowance.ts';
import type { UpdateContext } from './context.ts';
import { collectGarbage } from './make-room.ts';
import { nextUpdateIn, type LastResult } from './schedule.ts';
import { allAreBusy, indexWasMissing } from './try-sources.ts';
import { runUpdate, type UpdateOutcome } from './update.ts';
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
  /**
   * One update now. While one runs, its promise is the answer: there is never a second, and what `allow` lets pass is
   * not for the one that runs.
   */
  update(trigger: UpdateTrigger, allow?: Allowance): Promise<UpdateOutcome>;
  /** Starts an update unless one is running; answers whether it did. What comes of it, `view` and the events tell. */
  request(trigger: UpdateTrigger): boolean;
  /**
   * The same for an administrator. `note` is called for an update that is to begin, and nothing else begins until it
   * resolves; where it rejects, none begins, and this rejects too.
   */
  requestNoted(note: () => Promise<void>, allow?: Allowance): Promise<boolean>;
  view(): MirrorView;
  /** `every` has changed: the wait for the next update begins anew. */
  reschedule(): void;
  /** Updates by itself from now on. */
  start(): void;
  /** Ends the schedule and stops an update under way; what it has staged stays. */
  stop(): Promise<void>;
}

const HOUR = 60 * 60_000;
/** Milliseconds without word from the origin that are worth a warning, one a day: the vendor releases more often (docs/protocol.md §4). */
const OLD = 24 * HOUR;

export interface MirrorOptions extends Omit<UpdateContext, 'allow'> {
  /** `mirror.every`, in ms; asked for each time. */
  readonly every: number;
  readonly random?: () => number;
  /** Called at each change of `view()`; keep it cheap. */
  readonly onProgress?: () => void;
}

/** The mirror: single flight and schedule around {@link runUpdate}. */
export function createMirror(options: MirrorOptions): Mirror {
  const { clock, events, store, random = Math.random } = options;
  const progress = trackProgress(options.onProgress);
  const stopped = new AbortController();
  let running: Promise<UpdateOutcome> | null = null;
  let loop: Promise<void> | null = null;
  let last: LastResult = 'none';
  let lastSuccessAt = store.generations.current()?.publishedAt ?? null;
  let lastError: string | null = null;
  /** Milliseconds from the last update, or the start, to the next one. */
  let pause = nextPause();
  let nextAt: number | null = null;
  let toldOldAt = 0;
  /** Wakes the schedule: an update has ended, and what it came to decides when the next one is. */
  let alarm = new AbortController();

  function nextPause(): number {
    const serving = store.generations.current() !== undefined;
    const rest = options.health.rest(options.sources.map(({ url }) => url));
    return nextUpdateIn({ last, serving, every: options.every, rest, random: random() });
  }

  async function once(trigger: UpdateTrigger, allow: Allowance | undefined): Promise<UpdateOutcome> {
    const startedAt = clock.monotonic();
    // Somebody who asks by hand may just have mended a source, or have asked its owner: one request, even against Retry-After.
    if (trigger === 'administrator') options.health.pardon();
    events.emit('update.started', { source: options.sources[0]?.url ?? '', trigger });
    try {
      const outcome = await runUpdate({ ...options, allow }, progress, stopped.signal);
      last = 'done';
      pause = nextPause();
      lastError = null;
      lastSuccessAt = new Date(clock.now()).toISOString();
      if (outcome.result === 'published') {
        const seconds = Math.round((clock.monotonic() - startedAt) / 100) / 10;
        const { generation, fetched, bytes } = outcome;
        events.emit('update.published', { generation, objects: fetched, bytes, seconds });
        await collectGarbage(options);
      }
      return outcome;
    } catch (error) {
      if (stopped.signal.aborted) throw error;
      const missedBefore = last === 'index-missing';
      last = resultOf(error);
      pause = nextPause();
      lastError = describe(error);
      // A release keeps the index away for 5 minutes at most: only the first time is it no failure.
      if (last === 'index-missing' && !missedBefore && loop) {
        events.emit('update.waiting', { source: options.sources[0]?.url ?? '', seconds: Math.round(pause / 1000) });
      } else {
        events.emit('update.failed', { generation: store.generations.current()?.number ?? null, error: lastError });
      }
      throw error;
    } finally {
      warnWhenOld();
      progress.enter(last === 'index-missing' ? 'waiting' : 'idle');
      alarm.abort();
    }
  }

  /** What is served grows old in silence when updates fail, and when they succeed at a source that has grown old itself. */
  function warnWhenOld(): void {
    const provenance = options.provenance.current();
    const now = clock.now();
    if (!provenance || now - provenance.confirmedAt < OLD || now - toldOldAt < OLD) return;
    toldOldAt = now;
    const { number = 0, source = '' } = store.generations.current() ?? {};
    const hours = Math.floor((now - provenance.confirmedAt) / HOUR);
    events.emit('generation.old', { generation: number, source, hours });
  }

  function update(trigger: UpdateTrigger, allow?: Allowance): Promise<UpdateOutcome> {
    return running ?? fly(once(trigger, allow));
  }

  function fly(flight: Promise<UpdateOutcome>): Promise<UpdateOutcome> {
    running = flight.finally(() => (running = null));
    return running;
  }

  async function follow(): Promise<void> {
    while (!stopped.signal.aborted) {
      nextAt = clock.now() + pause;
      alarm = new AbortController();
      try {
        await clock.sleep(pause, AbortSignal.any([stopped.signal, alarm.signal]));
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
    async requestNoted(note, allow) {
      if (running) return false;
      const noted = note();
      fly(noted.then(() => once('administrator', allow))).catch(() => {});
      await noted;
      return true;
    },
    view: () => ({
      ...progress.snapshot(),
      lastSuccessAt,
      lastError,
      nextAt: nextAt === null || running ? null : new Date(nextAt).toISOString(),
    }),
    reschedule() {
      pause = nextPause();
      alarm.abort();
    },
    start() {
      loop ??= follow();
    },
    async stop() {
      stopped.abort(new Error('the relay is stopping'));
      await Promise.allSettled([running, loop]);
    },
  };
}

function resultOf(error: unknown): LastResult {
  if (indexWasMissing(error)) return 'index-missing';
  return allAreBusy(error) ? 'busy' : 'failed';
}

function describe(error: unknown): string {
  return error instanceof RelayError ? `${error.code}: ${error.message}` : `RLY_INTERNAL: ${String(error)}`;
}
