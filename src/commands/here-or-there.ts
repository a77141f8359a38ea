import type { ErrorCode } from '../errors/catalogue.ts';
import { isRelayError } from '../errors/relay-error.ts';
import type { AdminClient } from './admin-client.ts';

/** The lock, and for root what is told before the lock could be found out. */
const IN_THE_WAY = new Set<ErrorCode>(['RLY_STORAGE_LOCKED', 'RLY_STORAGE_OWNER', 'RLY_ROOT_REFUSED']);

/**
 * A store belongs to one process: where that is a relay, it does the work. Where it is none that answers, what stands in
 * the way is the lock.
 */
export async function hereOrThere<T>(client: AdminClient, here: () => Promise<T>, there: () => Promise<T>): Promise<T> {
  try {
    return await here();
  } catch (refused) {
    if (!isRelayError(refused) || !IN_THE_WAY.has(refused.code)) throw refused;
    try {
      await client.status();
    } catch (error) {
      throw isRelayError(error, 'RLY_ADMIN_UNREACHABLE') ? refused : error;
    }
    return there();
  }
}
