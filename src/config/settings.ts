import { Type, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Key } from './keys.ts';
import { shown, type Problem } from './problems.ts';

/** A value somebody gave to a key, as it is written. */
export interface Setting {
  readonly key: Key;
  readonly raw: unknown;
  /** Where it is written; of a list, where the item with this index is. */
  readonly where: (item?: number) => string;
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

/** What is wrong with a setting by itself; of a list, with each item. */
function problemsOf({ key, raw, where }: Setting): readonly Problem[] {
  if (Type.IsArray(key.schema) && Array.isArray(raw)) {
    const { items } = key.schema;
    return raw.flatMap((item: unknown, index) => mismatch(items, item, where(index), `${key.name}[${index}]`));
  }
  return mismatch(key.schema, raw, where(), key.name);
}

function mismatch(schema: TSchema, raw: unknown, where: string, key: string): Problem[] {
  const [error] = Value.Errors(schema, raw);
  if (error === undefined) return [];
  const { expects } = schema as { expects: string };
  const expected = error.keyword === '~refine' ? error.message : expects;
  return [{ where, key, found: shown(raw), expected }];
}
