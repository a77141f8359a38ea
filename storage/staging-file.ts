import type { StagedObject } from '../src/ports/store.ts';
import { checkedJson, STAGED_OBJECT } from './checked-json.ts';
import { checksum } from './checksum.ts';

/**
 * One object as it is appended: `<checksum> <json>` on a line of its own. The line break before it ends a line
 * that an earlier append left torn.
 */
export function encodeStaged(object: StagedObject): string {
  const json = JSON.stringify(object);
  return `\n${checksum(json)} ${json}\n`;
}

/** The lines that are whole, in their order, and how many are not: torn by a kill, or altered. */
export function decodeStaging(text: string): { readonly objects: StagedObject[]; readonly damaged: number } {
  const lines = text.split('\n').filter((line) => line !== '');
  const objects = lines.flatMap(decodeLine);
  return { objects, damaged: lines.length - objects.length };
}

function decodeLine(line: string): StagedObject[] {
  const json = line.slice(65);
  if (line.slice(0, 65) !== `${checksum(json)} `) return [];
  const checked = checkedJson(STAGED_OBJECT, json);
  return 'value' in checked ? [checked.value] : [];
}
