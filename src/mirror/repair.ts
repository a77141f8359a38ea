import { Type, type Static } from 'typebox';
import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { UpdateContext } from './context.ts';
import { collectGarbage } from './make-room.ts';
import type { Mirror } from './mirror.ts';

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);

/** What anybody may know of repairs at any moment. */
export const repairSchema = Type.Object({
  /** Where one stands; `idle` between repairs. */
  state: Type.Enum(['idle', 'asking', 'reading', 'updating', 'mending']),
  /** `RLY_…: what happened`, or null when the last one came to its end. */
  lastError: OrNull(Type.String()),
  /** ISO 8601, or null before the first. */
  lastEndAt: OrNull(Type.String()),
});

export type RepairView = Static<typeof repairSchema>;
export type RepairPhase = RepairView['state'];

/** In words, for the audit log. */
export const REPAIR = 'a repair of the store';

export interface RepairParts extends Pick<UpdateContext, 'store' | 'events' | 'pinned'> {
  readonly mirror: Pick<Mirror, 'update'>;
  /** Rejects where no source could serve an update. */
  readonly dryRun: (signal: AbortSignal) => Promise<unknown>;
  /** Looks for damaged blobs and deletes them. */
  readonly examine: () => Promise<unknown>;
}

/**
 * Brings a store back to what it should be: damaged blobs are deleted and fetched again, its own files are written anew, what
 * cannot be whole again goes. While no source answers, nothing is deleted: what a damaged blob is part of would else be missed
 * by the next start, and nothing would come in its place. Rejects with what stood in the way of fetching, all else done.
 */
export async function repairStore(
  parts: RepairParts,
  signal: AbortSignal,
  enter: (phase: RepairPhase) => void = () => {},
): Promise<void> {
  const { store, mirror, dryRun, examine, pinned } = parts;
  try {
    enter('asking');
    await dryRun(signal).catch(unlessStorage);
    enter('reading');
    await examine();
    enter('updating');
    await mirror.update('administrator');
  } finally {
    // Whoever stops it closes the store.
    if (!signal.aborted) {
      enter('mending');
      await store.mend(pinned());
      await collectGarbage(parts);
    }
  }
}

/** The plan may fail of the very damage that is to be repaired. */
function unlessStorage(error: unknown): void {
  if (!isRelayError(error) || error.fault !== 'storage') throw error;
}

export interface Repairs {
  /** Begins one unless one is under way; answers whether it did. Where `note` of it rejects, none begins, and this rejects too. */
  request(note: () => Promise<void>): Promise<boolean>;
  view(): RepairView;
  /** Waits for one under way; mirror and scrubber are stopped besides. */
  stop(): Promise<void>;
}

/** Repairs of a store in use, one at a time. */
export function createRepairs(parts: RepairParts & { readonly clock: Clock }): Repairs {
  const { clock, events } = parts;
  let state: RepairPhase = 'idle';
  let lastError: string | null = null;
  let lastEndAt: string | null = null;
  let running: Promise<void> | null = null;
  const stopped = new AbortController();

  async function run(): Promise<void> {
    try {
      await repairStore(parts, stopped.signal, (phase) => (state = phase));
      lastError = null;
    } catch (error) {
      lastError = error instanceof RelayError ? `${error.code}: ${error.message}` : `RLY_INTERNAL: ${String(error)}`;
      if (!stopped.signal.aborted) events.emit('store.not-repaired', { error: lastError });
    }
    lastEndAt = new Date(clock.now()).toISOString();
    state = 'idle';
  }

  return {
    async request(note) {
      if (state !== 'idle') return false;
      state = 'asking';
      const noted = note();
      running = noted.then(run, () => void (state = 'idle'));
      await noted;
      return true;
    },
    view: () => ({ state, lastError, lastEndAt }),
    async stop() {
      stopped.abort(new Error('the relay is stopping'));
      await running;
    },
  };
}
