import { stripVTControlCharacters } from 'node:util';

// Select Graphic Rendition, the one escape sequence this program writes into lines (ECMA-48 §8.3.117).
// oxlint-disable-next-line no-control-regex
const STYLE_OR_CHARACTER = /(\u001b\[[0-9;]*m)|[^]/gu;
// oxlint-disable-next-line no-control-regex
const STYLE_OR_CONTROL = /(\u001b\[[0-9;]*m)|[\u0000-\u001f\u007f-\u009f\u2028\u2029]/gu;

/** Characters a line takes on a terminal: code points, colours not counted. */
export function visibleWidth(line: string): number {
  return Array.from(stripVTControlCharacters(line)).length;
}

/** `line` in at most `width` characters: what was cut is marked by `mark`; colours stay, and end where they ended. */
export function truncate(line: string, width: number, mark: string): string {
  if (visibleWidth(line) <= width) return line;
  let left = width - mark.length;
  return line.replace(STYLE_OR_CHARACTER, (character, style?: string) => {
    if (style !== undefined) return style;
    left -= 1;
    if (left === -1) return mark;
    return left < 0 ? '' : character;
  });
}

/** `text` without what would break a line or move the cursor: names come from the network. Colours stay. */
export function oneLine(text: string): string {
  return text.replace(STYLE_OR_CONTROL, (found, style?: string) => style ?? (found === '\t' ? ' ' : '·'));
}
