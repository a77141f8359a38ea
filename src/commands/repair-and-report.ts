import { isRelayError } from '../errors/relay-error.ts';
import type { VerifyReport } from './verify-report.ts';

/** Looks at the store again, given what stood in the way of its repair: `RLY_…: what happened`, or null. */
export type Look = (failed: string | null) => Promise<VerifyReport>;

/**
 * Repairs, and looks again: what a repair came to is what lies on the disk then. Throws what `repair` throws unless a source is
 * at fault: then what else could be done is done, and the look says what is left.
 */
export async function repairAndReport(repair: () => Promise<void>, look: Look): Promise<VerifyReport> {
  try {
    await repair();
  } catch (error) {
    if (!isRelayError(error) || error.fault !== 'upstream') throw error;
    return look(`${error.code}: ${error.message}`);
  }
  return look(null);
}
