import { diffSettings, settingsOf } from '../config/diff-config.ts';
import { effectiveConfig } from '../config/effective.ts';
import { checksum } from '../../storage/checksum.ts';
import { isRelayError } from '../errors/relay-error.ts';
import type { Audit, AuditEntry } from '../ports/audit.ts';
import type { Events } from '../ports/events.ts';
import { noteLocalChange } from '../telemetry/changes.ts';
import { VERSION } from '../version.ts';
import type { Live } from './live.ts';
import { notedConfiguration, START } from './noted-configuration.ts';

/**
 * A start may bring another program and another configuration. Noted are the version, the SHA-256 of what `relay check-config`
 * prints, and each key that is not as it was last noted: what a reload left for this start, what was edited while the relay was
 * stopped, what could not be noted then. The first start notes them all.
 */
export async function noteStart(live: Live, audit: Audit, events: Events): Promise<void> {
  const { config } = live.now();
  const who = `user ${process.getuid?.() ?? 'unknown'} of this host`;
  const settings = settingsOf(config);
  const known = notedConfiguration(await audit.entries().catch(noneWhereUnreadable));
  const start = { version: VERSION, configuration: checksum(effectiveConfig(config)) };
  const after = known.settings ? start : { ...start, settings };
  await noteLocalChange(audit, events, { who, what: START, before: known.start, after });
  for (const change of known.settings ? diffSettings(known.settings, settings) : []) {
    await noteLocalChange(audit, events, { who, what: change.key, before: change.before, after: change.after });
  }
}

/** What it can do without, the note that comes next tells. */
function noneWhereUnreadable(error: unknown): readonly AuditEntry[] {
  if (isRelayError(error)) return [];
  throw error;
}
