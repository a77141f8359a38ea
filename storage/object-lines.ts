import type { Static, TSchema } from 'typebox';
import { checkedJson } from './checked-json.ts';
import { checksum } from './checksum.ts';

/**
 * One object as it is appended: `<checksum> <json>` on a line of its own. The line break before it ends a line
 * that an earlier append left torn.
 */
export function encodeLine(object: object): string {
  const json = JSON.stringify(object);
  return `\n${checksum(json)} ${json}\n`;
}

/** The lines that are whole, in their order, and how many are not: torn by a kill, altered, or of another shape. */
export function decodeLines<S extends TSchema>(
  schema: S,
  text: string,
): { readonly objects: Static<S>[]; readonly damaged: number } {
  const lines = text.split('\n').filter((line) => line !== '');
  const objects = lines.flatMap((line) => decodeLine(schema, line));
  return { objects, damaged: lines.length - objects.length };
}

function decodeLine<S extends TSchema>(schema: S, line: string): Static<S>[] {
  const json = line.slice(65);
  if (line.slice(0, 65) !== `${checksum(json)} `) return [];
  const checked = checkedJson(schema, json);
  return 'value' in checked ? [checked.value] : [];
}
