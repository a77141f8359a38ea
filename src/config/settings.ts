import { Type, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Key } from './keys.ts';
import { HIDDEN, shown, type Problem } from './problems.ts';
import { unknownKey } from './unknown-key.ts';

/** A value somebody gave to a key, as it is written. */
export interface Setting {
  readonly key: Key;
  readonly raw: unknown;
  /** Where it is written; where what is below it is written: the item of a list with this index, and this key of the item. */
  readonly where: (...below: (string | number)[]) => string;
}

/** What one source of configuration (a file, the environment) says: the good settings by name, and what is wrong. */
export interface Settings {
  readonly byName: ReadonlyMap<string, Setting>;
  readonly problems: readonly Problem[];
}

/** Settings in the making. `add` keeps a good setting, and the problems of a bad one. */
export function collect(known: readonly Problem[] = []) {
  const byName = new Map<string, Setting>();
  const problems = [...known];
  const add = (setting: Setting) => {
    const wrong = problemsOf(setting);
    problems.push(...wrong);
    if (wrong.length === 0) byName.set(setting.key.name, setting);
  };
  return { byName, problems, add };
}

/** What is wrong with a setting by itself; of a list, with its length and with each item. */
function problemsOf({ key, raw, where }: Setting): readonly Problem[] {
  const { schema, name } = key;
  if (!Type.IsArray(schema) || !Array.isArray(raw)) return mismatch(schema, raw, where(), name);
  const { items, maxItems = Infinity } = schema as typeof schema & { maxItems?: number };
  const tooMany = { where: where(maxItems), key: name, found: `${raw.length} entries`, expected: key.expects };
  const wrong = raw.flatMap((item: unknown, index) => problemsOfItem(items, item, `${name}[${index}]`, index, where));
  return raw.length > maxItems ? [tooMany, ...wrong] : wrong;
}

/** What is wrong with one item; of one that has keys, with each of them. */
function problemsOfItem(
  schema: TSchema,
  item: unknown,
  name: string,
  index: number,
  where: Setting['where'],
): readonly Problem[] {
  if (!Type.IsObject(schema) || !isMapping(item)) return mismatch(schema, item, where(index), name);
  const known = Object.keys(schema.properties);
  const given = Object.keys(item);
  const unknown = given.filter((label) => !known.includes(label));
  return [
    ...unknown.map((label) => unknownKey(name, label, known, where(index, label))),
    ...Object.entries(schema.properties).flatMap(([label, property]) => {
      if (given.includes(label)) return mismatch(property, item[label], where(index, label), `${name}.${label}`);
      return Type.IsOptional(property) ? [] : [missing(property, where(index), `${name}.${label}`)];
    }),
  ];
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function missing(schema: TSchema, where: string, key: string): Problem {
  return { where, key, found: 'nothing', expected: (schema as { expects: string }).expects };
}

function mismatch(schema: TSchema, raw: unknown, where: string, key: string): Problem[] {
  const [error] = Value.Errors(schema, raw);
  if (error === undefined) return [];
  const { expects, secret } = schema as { expects: string; secret?: true };
  const expected = error.keyword === '~refine' ? error.message : expects;
  return [{ where, key, found: secret ? HIDDEN : shown(raw), expected }];
}
