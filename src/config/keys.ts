import { Type, type TObject, type TSchema } from 'typebox';
import type { About } from './kinds.ts';
import { ConfigSchema } from './schema.ts';

/** A key of the configuration, with all that files, the environment, messages and documents need of it. */
export interface Key extends About<unknown> {
  /** `mirror.items.programs`. */
  readonly name: string;
  /** Its last part: `programs`. */
  readonly label: string;
  /** `RELAY_MIRROR__ITEMS__PROGRAMS`. */
  readonly variable: string;
  readonly schema: TSchema;
  /** A right value, in words. */
  readonly expects: string;
  /** May be left out, and nothing stands in for it. */
  readonly optional: boolean;
  /** Must be set: nothing could stand in for it. */
  readonly required: boolean;
}

/** A group of keys and of groups. */
export interface Section {
  /** `mirror.items`; empty for the whole configuration. */
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly entries: readonly (Section | Key)[];
}

/** The schema as a tree of sections and keys, in its order. */
export const CONFIGURATION = sectionOf(ConfigSchema, []);

/** All keys, in the order of the schema. */
export const KEYS = keysOf(CONFIGURATION);

export function isSection(entry: Section | Key): entry is Section {
  return 'entries' in entry;
}

/** The keys of a section and of the sections in it. */
export function keysOf(section: Section): readonly Key[] {
  return section.entries.flatMap((entry) => (isSection(entry) ? keysOf(entry) : [entry]));
}

function sectionOf(schema: TObject, path: readonly string[]): Section {
  const entries = Object.entries(schema.properties).map(([label, property]) =>
    Type.IsObject(property) ? sectionOf(property, [...path, label]) : keyOf(property, [...path, label]),
  );
  const { description = '' } = schema as { description?: string };
  return { name: path.join('.'), label: path.at(-1) ?? '', description, entries };
}

function keyOf(schema: TSchema, path: readonly string[]): Key {
  const notes = schema as About<unknown> & { expects: string };
  const optional = Type.IsOptional(schema);
  return {
    name: path.join('.'),
    label: path.at(-1) ?? '',
    variable: `RELAY_${path.map(shouted).join('__')}`,
    schema,
    expects: notes.expects,
    description: notes.description,
    ...('default' in notes && { default: notes.default }),
    ...(notes.examples && { examples: notes.examples }),
    ...(notes.live && { live: notes.live }),
    optional,
    required: !optional && !('default' in notes),
  };
}

/** `officeScanServer` → `OFFICE_SCAN_SERVER`. */
function shouted(label: string): string {
  return label.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
