import { RelayError } from '../errors/relay-error.ts';
import type { Audit, Change } from '../ports/audit.ts';
import type { Events } from '../ports/events.ts';

/**
 * Notes a change: in the audit log first, so that none is ever made that is not in it, then for all who listen. With the
 * mark of its entry, the log that leaves this host says later whether the audit log is still what it was.
 * Throws RLY_STORAGE_*.
 */
export async function noteChange(audit: Audit, events: Events, change: Change): Promise<void> {
  const { who, what } = change;
  const { entry, hash } = await audit.note(change);
  events.emit('admin.changed', { who, what, entry, hash });
}

/** The same for somebody on this host, whom a full disk does not keep from making the change: that is told instead. */
export async function noteLocalChange(audit: Audit, events: Events, change: Change): Promise<void> {
  try {
    await noteChange(audit, events, change);
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    events.emit('audit.failed', { who: change.who, what: change.what, error: `${error.code}: ${error.message}` });
  }
}
