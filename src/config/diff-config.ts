import { isDeepStrictEqual } from 'node:util';
import { Value } from 'typebox/value';
import { effectiveSettings } from './effective.ts';
import { KEYS, type Key } from './keys.ts';
import { ConfigSchema, type Config } from './schema.ts';

/** A key that is not what it was. Values as they are written; null where it is not set. */
export interface ConfigChange {
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
  /** A running relay can take it over; else it is for the next start. */
  readonly live: boolean;
}

/** The value of each key by its name, as it is written; null, or missing, where it is not set. JSON, and nothing in it is secret. */
export type Settings = Readonly<Record<string, unknown>>;

/** A configuration as a flat list of its keys, every default filled in. Pure. */
export function settingsOf(config: Config): Settings {
  const settings = effectiveSettings(config);
  return Object.fromEntries(KEYS.map((key) => [key.name, valueAt(settings, key) ?? null]));
}

/** What changes from one configuration to another, in the order of the schema. Pure. */
export function diffConfig(before: Config, after: Config): ConfigChange[] {
  return diffSettings(settingsOf(before), settingsOf(after));
}

/** The same of settings, which another version may have written: keys that are none now are left out. Pure. */
export function diffSettings(before: Settings, after: Settings): ConfigChange[] {
  return KEYS.flatMap((key) => {
    const [was, is] = [before[key.name] ?? null, after[key.name] ?? null];
    if (isDeepStrictEqual(was, is)) return [];
    const live = key.live === true || (key.live === 'replaced' && was !== null && is !== null);
    return [{ key: key.name, before: was, after: is, live }];
  });
}

/** The configuration in force, with those of `changes` that a running relay can take over. Pure. */
export function adoptChanges(inForce: Config, changes: readonly ConfigChange[]): Config {
  const settings = effectiveSettings(inForce);
  for (const { key, after, live } of changes) if (live) setAt(settings, key.split('.'), after);
  return Value.Decode(ConfigSchema, settings);
}

function valueAt(settings: object, { name }: Key): unknown {
  return name
    .split('.')
    .reduce<unknown>((section, label) => (isSection(section) ? section[label] : undefined), settings);
}

function setAt(section: Record<string, unknown>, [label = '', ...below]: readonly string[], value: unknown): void {
  const inside = section[label];
  if (below.length > 0) {
    if (isSection(inside)) setAt(inside, below, value);
  } else if (value === null) delete section[label];
  else section[label] = value;
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
