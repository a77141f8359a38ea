import { setTimeout as delay } from 'node:timers/promises';
import { RelayError } from '../errors/relay-error.ts';
import type { Progress } from '../terminal/progress.ts';
import type { AdminClient } from './admin-client.ts';
import { progressOf } from './update-progress.ts';
import { readingProgress } from './verify-progress.ts';

/** Milliseconds between two looks at a running relay. */
const LOOK = 300;

/**
 * Has a running relay repair its store, and shows how far it is until it is done.
 * Throws RLY_UPDATE_FAILED_THERE with the relay's own words, what the client throws, and the reason of the signal.
 */
export async function repairThere(client: AdminClient, shown: Progress, signal: AbortSignal): Promise<void> {
  await client.startRepair();
  for (;;) {
    const { state, lastError } = await client.repair();
    if (state === 'idle') {
      if (lastError !== null) throw new RelayError('RLY_UPDATE_FAILED_THERE', { reason: lastError });
      return;
    }
    const { update, storage } = await client.status();
    if (state === 'reading') shown.update(readingProgress(storage.scrub));
    if (state === 'updating' && update.state !== 'idle') {
      shown.update(progressOf({ phase: update.state, ...update.progress }));
    }
    await delay(LOOK, undefined, { signal });
  }
}
