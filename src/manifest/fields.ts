import { RelayError } from '../errors/relay-error.ts';
import type { ManifestKind, ManifestObject } from './model.ts';
import { trimBlanks } from './lines.ts';
import { canonicalPath, pathFlaw } from './path.ts';
import type { Entry } from './scan.ts';

/** Bytes: the largest object that is believed. The largest seen is 65 MB, and no format here goes beyond 2 GiB. */
export const LARGEST_OBJECT = 2 * 1024 ** 3;

/** The fields of `path, version, size`; the spaces are optional (docs/protocol.md §4). */
export function splitFields(value: string): readonly string[] {
  return value.split(',').map(trimBlanks);
}

/** Whether a text is decimal digits only. */
export function isNumber(text: string): boolean {
  return text !== '' && !/\D/.test(text);
}

/** What an entry says of one object, as text. */
export interface ObjectFields {
  readonly kind: ManifestKind;
  readonly component: string;
  readonly path: string;
  readonly version: string | null;
  readonly size: string;
}

/** Makes an object of checked fields. Throws RLY_MANIFEST_PATH, RLY_MANIFEST_SIZE, RLY_MANIFEST_SYNTAX (no version). */
export function readObject({ line }: Entry, fields: ObjectFields): ManifestObject {
  const { kind, component, path, version } = fields;
  const flaw = pathFlaw(path);
  if (flaw) {
    throw new RelayError('RLY_MANIFEST_PATH', {
      line,
      found: `${path} (${flaw})`,
      expected: 'a relative path with forward slashes that climbs nowhere',
    });
  }
  if (version === '') {
    throw new RelayError('RLY_MANIFEST_SYNTAX', { line, found: `no version for ${path}`, expected: 'a version' });
  }
  return { path, key: canonicalPath(path), kind, component, version, size: readSize(fields.size, line), line };
}

function readSize(text: string, line: number): number {
  const size = isNumber(text) ? Number(text) : 0;
  if (size === 0 || size > LARGEST_OBJECT) {
    throw new RelayError('RLY_MANIFEST_SIZE', {
      line,
      found: text === '' ? 'nothing' : text,
      expected: `a decimal number of bytes from 1 to ${LARGEST_OBJECT}`,
    });
  }
  return size;
}

/** The error for a known key whose value has not the fields it should have; `form` names them. */
export function misshapen({ key, value, line }: Entry, form: string): RelayError<'RLY_MANIFEST_SYNTAX'> {
  return new RelayError('RLY_MANIFEST_SYNTAX', { line, found: `${key}=${value}`, expected: `${key}=${form}` });
}
