import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { NOTE_NAMES } from '../src/ports/notes.ts';

/** What was read, or why it was refused; a reason completes the sentence "it …". */
export type Checked<T> = { readonly value: T } | { readonly reason: string };

/** Parses JSON of the store's own making and checks its shape; a field that has a default may be missing. Fields the schema does not name are left alone. */
export function checkedJson<S extends TSchema>(schema: S, text: string): Checked<Static<S>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { reason: 'holds no JSON' };
  }
  value = Value.Default(schema, value);
  if (Value.Check(schema, value)) return { value };
  const [first] = Value.Errors(schema, value);
  return { reason: `is of another shape: ${first?.instancePath || 'all of it'} ${first?.message}` };
}

const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const bytes = Type.Integer({ minimum: 0 });
const orNull = Type.Union([Type.String(), Type.Null()]);

const listed = {
  path: Type.String({ minLength: 1 }),
  component: Type.String(),
  version: orNull,
  size: bytes,
};
const object = {
  ...listed,
  kind: Type.Enum(['pattern', 'incremental', 'engine', 'program', 'signature']),
  sha256,
  proof: Type.Enum(['structure', 'size']),
  source: Type.String(),
  fetchedAt: Type.String(),
};

/** `StagedObject` of the port. */
export const STAGED_OBJECT = Type.Object({ ...object, index: sha256 });

/** `Fill` of the port. */
export const FILL = Type.Object({ ...object, identity: Type.String() });

/** `StoredResponse` of the port. */
export const STORED_RESPONSE = Type.Object({
  key: Type.String({ minLength: 1 }),
  path: object.path,
  kind: Type.Enum(['hotfix', 'domain-settings']),
  size: bytes,
  sha256,
  proof: object.proof,
  source: Type.String(),
  fetchedAt: Type.String(),
  checkedAt: Type.String(),
  fields: Type.Record(Type.String(), Type.String()),
});

/** `SeenContent` of the port. */
export const SEEN_CONTENT = Type.Object({ identity: Type.String(), sha256 });

/** `Generation` of the port. */
export const GENERATION = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  publishedAt: Type.String(),
  source: Type.String(),
  index: Type.Object({ sha256, size: bytes, etag: orNull, lastModified: orNull }),
  objects: Type.Array(Type.Object(object)),
  // Missing where an earlier version wrote it: then everything was fetched.
  onDemand: Type.Array(Type.Object({ ...listed, kind: Type.Enum(['pattern', 'incremental', 'engine', 'program']) }), {
    default: [],
  }),
  absent: Type.Array(Type.String()),
});

/** One of `Notes` of the port. */
export const NOTE = Type.Object({ name: Type.Enum([...NOTE_NAMES]), value: Type.Unknown() });
