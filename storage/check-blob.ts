import { isRelayError } from '../src/errors/relay-error.ts';
import type { Blob, Pace } from '../src/ports/store.ts';
import type { DiskBlobs } from './blob-store.ts';
import { flawOf } from './flaw.ts';

/** Runs a task while nothing is published and nothing collected. */
type InTurn = <T>(task: () => Promise<T>) => Promise<T>;

/** `Store.check` of the port. */
export async function checkBlob(blobs: DiskBlobs, inTurn: InTurn, blob: Blob, pace?: Pace): Promise<string | null> {
  const flaw = await flawOf(() => blobs.open(blob), pace);
  return flaw === null ? null : inTurn(() => putAway(blobs, blob));
}

/**
 * Looks once more, and fast: during a slow walk a blob may have been collected, or have come anew under its old name; to
 * delete that one would cost its way over the WAN.
 */
async function putAway(blobs: DiskBlobs, blob: Blob): Promise<string | null> {
  if (!Iterator.from(blobs.list()).some(({ sha256 }) => sha256 === blob.sha256)) return null;
  const flaw = await flawOf(() => blobs.open(blob));
  if (flaw === null) return null;
  try {
    await blobs.remove(blob.sha256);
    return flaw;
  } catch (error) {
    // A folder in its place, whatever is in it, is nobody's but its owner's; the next blob of this name moves it away.
    if (!isRelayError(error)) throw error;
    return `${flaw}, and could not be deleted: ${error.message}`;
  }
}
