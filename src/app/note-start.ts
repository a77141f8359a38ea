import { effectiveConfig } from '../config/effective.ts';
import { checksum } from '../../storage/checksum.ts';
import type { Audit } from '../ports/audit.ts';
import type { Events } from '../ports/events.ts';
import { noteLocalChange } from '../telemetry/changes.ts';
import { VERSION } from '../version.ts';
import type { Live } from './live.ts';

/**
 * A start may bring another program and another configuration: both are noted, the configuration as the SHA-256 of what
 * `relay check-config` prints of it.
 */
export async function noteStart(live: Live, audit: Audit, events: Events): Promise<void> {
  const after = { version: VERSION, configuration: checksum(effectiveConfig(live.now().config)) };
  const who = `user ${process.getuid?.() ?? 'unknown'} of this host`;
  await noteLocalChange(audit, events, { who, what: 'a start', before: null, after });
}
