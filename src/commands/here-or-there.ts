import { isRelayError } from '../errors/relay-error.ts';
import type { AdminClient } from './admin-client.ts';

/**
 * A store belongs to one process: where that is a relay, it does the work. Where it is none that answers, what stands in
 * the way is the lock.
 */
export async function hereOrThere<T>(client: AdminClient, here: () => Promise<T>, there: () => Promise<T>): Promise<T> {
  try {
    return await here();
  } catch (refused) {
    // For root the one is told before the other could be found out.
    if (!isRelayError(refused, 'RLY_STORAGE_LOCKED') && !isRelayError(refused, 'RLY_STORAGE_OWNER')) throw refused;
    try {
      await client.status();
    } catch (error) {
      throw isRelayError(error, 'RLY_ADMIN_UNREACHABLE') ? refused : error;
    }
    return there();
  }
}
