import type { Io } from './io.ts';
import { paint } from './paint.ts';
import { oneLine } from './width.ts';

/** Names and what there is to say about them, one a line, aligned. Control characters become dots. */
export function facts(lines: readonly (readonly [name: string, value: string])[], io: Io): string {
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${paint(io, 'bold', name.padEnd(width))}  ${oneLine(value)}\n`).join('');
}
