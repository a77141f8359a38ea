import { isRelayError } from '../errors/relay-error.ts';
import type { Events } from '../ports/events.ts';

/** Tells that a blob could not be used, and why. */
export function tellBroken(events: Events, sha256: string, error: unknown): void {
  // That error names the blob, as the event does.
  const reason = isRelayError(error, 'RLY_STORAGE_BLOB_BROKEN') ? `it ${error.fields.reason}` : String(error);
  events.emit('blob.broken', { sha256, reason });
}
