import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { Settings } from '../config/diff-config.ts';
import { KEYS } from '../config/keys.ts';
import type { AuditEntry } from '../ports/audit.ts';

/** What the audit log calls a start. */
export const START = 'a start';

const StartSchema = Type.Object({
  version: Type.String(),
  /** SHA-256 of what `relay check-config` prints. */
  configuration: Type.String(),
});
const FirstSchema = Type.Object({ settings: Type.Record(Type.String(), Type.Unknown()) });

/** What an audit log knows of the starts and the configuration of a relay. */
export interface NotedConfiguration {
  /** The last start; null where there was none. */
  readonly start: Static<typeof StartSchema> | null;
  /** As the last entry about a key left them; null where no start has noted them all. */
  readonly settings: Settings | null;
}

/** Reads it from the entries: the first start has all settings, each entry after it that is named like a key changed that key. Pure. */
export function notedConfiguration(entries: readonly AuditEntry[]): NotedConfiguration {
  const keys = new Set(KEYS.map(({ name }) => name));
  let start: NotedConfiguration['start'] = null;
  let settings: Record<string, unknown> | null = null;
  for (const { what, after } of entries) {
    if (what === START && Value.Check(StartSchema, after)) {
      start = { version: after.version, configuration: after.configuration };
      if (Value.Check(FirstSchema, after)) settings = { ...after.settings };
    } else if (settings && keys.has(what)) settings[what] = after;
  }
  return { start, settings };
}
