import { setTimeout as delay } from 'node:timers/promises';
import { RelayError } from '../errors/relay-error.ts';
import type { Io } from '../terminal/io.ts';
import { createProgress } from '../terminal/progress.ts';
import type { AdminClient } from './admin-client.ts';
import { statusText } from './status.ts';
import { progressOf } from './update-progress.ts';

/** Milliseconds between two looks at a running relay. */
const LOOK = 300;

/**
 * Has a running relay update, shows its progress until it is done, then its status.
 * Throws RLY_UPDATE_FAILED_THERE with the relay's own words.
 */
export async function followUpdate(client: AdminClient, io: Io, json: boolean, signal: AbortSignal): Promise<void> {
  using progress = createProgress(io);
  await client.startUpdate();
  for (;;) {
    const status = await client.status();
    const { state, lastError } = status.update;
    if (state === 'idle' || state === 'waiting') {
      progress.finish();
      if (lastError) throw new RelayError('RLY_UPDATE_FAILED_THERE', { reason: lastError });
      io.stdout.write(json ? `${JSON.stringify(status, null, 2)}\n` : statusText(status, io, Date.now()));
      return;
    }
    progress.update(progressOf({ phase: state, ...status.update.progress }));
    await delay(LOOK, undefined, { signal });
  }
}
