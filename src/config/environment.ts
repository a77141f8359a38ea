import { Type } from 'typebox';
import { didYouMean } from './did-you-mean.ts';
import { KEYS, type Key } from './keys.ts';
import type { Problem } from './problems.ts';
import { collect, type Settings } from './settings.ts';

/** Variables with the relay's prefix that are not keys of the configuration. */
const OTHER_VARIABLES = ['RELAY_CONFIG', 'RELAY_ALLOW_ROOT'];

/**
 * The settings in RELAY_* variables: texts as they are, numbers, switches and lists as JSON, a list of texts also
 * separated by commas. A variable that is no key is a problem: a misspelt one would be a setting that silently does nothing.
 */
export function readEnvironment(environment: NodeJS.ProcessEnv): Settings {
  const settings = collect();
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('RELAY_') || OTHER_VARIABLES.includes(variable) || text === undefined) continue;
    const key = KEYS.find((candidate) => candidate.variable === variable);
    if (key === undefined) settings.problems.push(unknownVariable(variable));
    else settings.add({ key, raw: rawValue(key, text), where: () => variable });
  }
  return settings;
}

function unknownVariable(variable: string): Problem {
  const hint = didYouMean(variable, [...KEYS.map((key) => key.variable), ...OTHER_VARIABLES]);
  return {
    where: variable,
    key: null,
    found: 'a variable the relay does not know',
    expected: `one of those in docs/reference/configuration.md${hint}`,
  };
}

/** The text as the type the key has. What does not read as that type stays text, and is refused as such. */
function rawValue({ schema }: Key, text: string): unknown {
  if (Type.IsString(schema) || Type.IsEnum(schema)) return text;
  const isJson = text.trimStart().startsWith('[');
  if (Type.IsArray(schema) && Type.IsString(schema.items) && !isJson) return text.split(',').map((item) => item.trim());
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
