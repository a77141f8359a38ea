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

/** What changes from one configuration to another, in the order of the schema. Pure. */
export function diffConfig(before: Config, after: Config): ConfigChange[] {
  const [old, young] = [effectiveSettings(before), effectiveSettings(after)];
  return KEYS.flatMap((key) => {
    const [was, is] = [valueAt(old, key) ?? null, valueAt(young, key) ?? null];
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
