import { Value } from 'typebox/value';
import { CONFIGURATION, isSection, KEYS, type Key, type Section } from './keys.ts';
import { InvalidConfig, type Problem } from './problems.ts';
import { contradictions } from './rules.ts';
import { ConfigSchema, type Config } from './schema.ts';
import type { Settings } from './settings.ts';

/**
 * Settings over defaults → the configuration. `place` is where a key that is missing should have been written.
 * Throws RLY_CONFIG_INVALID: what is wrong with the settings, keys that are missing, keys that contradict each other.
 */
export function assemble(settings: Settings, place: string): Config {
  const problems = [...settings.problems, ...missing(settings, place)];
  const config = Value.Decode(ConfigSchema, asWritten(CONFIGURATION, settings));
  problems.push(...contradictions(config, settings, problems));
  if (problems.length > 0) throw new InvalidConfig(problems);
  return config;
}

function missing({ byName, problems }: Settings, where: string): Problem[] {
  const refused = new Set(problems.map(({ key }) => key));
  return KEYS.filter(({ name, required }) => required && !byName.has(name) && !refused.has(name)).map((key) => ({
    where,
    key: key.name,
    found: 'nothing',
    expected: key.expects,
  }));
}

function asWritten(section: Section, settings: Settings): object {
  const entries = section.entries.map((entry) => [
    entry.label,
    isSection(entry) ? asWritten(entry, settings) : valueOf(entry, settings),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function valueOf(key: Key, { byName }: Settings): unknown {
  const given = byName.get(key.name)?.raw ?? key.default;
  // A required key that is refused or missing gets a stand-in, so that the rules between the others can be checked.
  return given ?? (key.required ? key.examples?.[0] : undefined);
}
