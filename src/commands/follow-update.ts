import { setTimeout as delay } from 'node:timers/promises';
import { RelayError } from '../errors/relay-error.ts';
import type { Status } from '../telemetry/status.ts';
import type { Progress } from '../terminal/progress.ts';
import type { AdminClient } from './admin-client.ts';
import { progressOf } from './update-progress.ts';

/** Milliseconds between two looks at a running relay. */
const LOOK = 300;

/**
 * Has a running relay update, shows how far it is until it is done, and answers its status then.
 * Throws RLY_UPDATE_FAILED_THERE with the relay's own words, what the client throws, and the reason of the signal.
 */
export async function followUpdate(client: AdminClient, shown: Progress, signal: AbortSignal): Promise<Status> {
  await client.startUpdate();
  for (;;) {
    const status = await client.status();
    const { state, lastError, progress } = status.update;
    if (state === 'idle' || state === 'waiting') {
      if (lastError) throw new RelayError('RLY_UPDATE_FAILED_THERE', { reason: lastError });
      return status;
    }
    shown.update(progressOf({ phase: state, ...progress }));
    await delay(LOOK, undefined, { signal });
  }
}
