import { setTimeout as delay } from 'node:timers/promises';
import { RelayError } from '../errors/relay-error.ts';
import type { Allowance } from '../mirror/allowance.ts';
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
export async function followUpdate(
  client: AdminClient,
  allow: Allowance | undefined,
  shown: Progress,
  signal: AbortSignal,
): Promise<Status> {
  // What is allowed is for an update of its own: one that runs already knows nothing of it.
  const isUnderWay = async (): Promise<boolean> => (await client.startUpdate(allow)) || !allow;
  while (!(await isUnderWay())) await untilDone(client, shown, signal);
  const status = await untilDone(client, shown, signal);
  const { lastError } = status.update;
  if (lastError) throw new RelayError('RLY_UPDATE_FAILED_THERE', { reason: lastError });
  return status;
}

async function untilDone(client: AdminClient, shown: Progress, signal: AbortSignal): Promise<Status> {
  for (;;) {
    const status = await client.status();
    const { state, progress } = status.update;
    if (state === 'idle' || state === 'waiting') return status;
    shown.update(progressOf({ phase: state, ...progress }));
    await delay(LOOK, undefined, { signal });
  }
}
