import type { Generation } from '../src/ports/generation.ts';
import { type Checked, checkedJson, GENERATION } from './checked-json.ts';
import { checksum } from './checksum.ts';

/** `relay-generation <version of this format> <checksum of all that follows the line>`. */
const HEADER = /^relay-generation (\d+) ([0-9a-f]{64})$/;
const VERSION = 1;

/** A generation as a file: a header line, then JSON that people can read. */
export function encodeGeneration(generation: Generation): Buffer {
  const body = `${JSON.stringify(generation, null, 1)}\n`;
  return Buffer.from(`relay-generation ${VERSION} ${checksum(body)}\n${body}`);
}

/** Reads the file of generation `number`, or says why it is not one: torn, altered, of another number or shape. */
export function decodeGeneration(bytes: Buffer, number: number): Checked<Generation> {
  const end = bytes.indexOf('\n');
  const [, version, expected] = HEADER.exec(bytes.toString('utf8', 0, Math.max(0, end))) ?? [];
  if (version === undefined) return { reason: 'does not begin as a generation does' };
  if (Number(version) !== VERSION) return { reason: `is of format ${version}, this relay reads ${VERSION}` };
  const body = bytes.subarray(end + 1);
  if (checksum(body) !== expected) return { reason: 'does not match its checksum' };
  const checked = checkedJson(GENERATION, body.toString());
  if ('value' in checked && checked.value.number !== number) {
    return { reason: `says it is generation ${checked.value.number}` };
  }
  return checked;
}
