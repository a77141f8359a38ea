import { paint } from './paint.ts';
import type { Io } from './io.ts';

// U+258F … U+2589: a left part of a cell, from one eighth to seven.
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/**
 * A bar of `width` characters, frame included, filled to `fraction` (0 to 1, cut to it):
 * `▕██████▍   ▏`, and `[######....]` where the locale has no Unicode. Green when full.
 */
export function bar(fraction: number, width: number, io: Pick<Io, 'unicode' | 'colour'>): string {
  const inner = Math.max(0, width - 2);
  const full = Math.min(1, Math.max(0, fraction));
  const [left, right] = io.unicode ? ['▕', '▏'] : ['[', ']'];
  const filling = io.unicode ? smooth(full, inner) : '#'.repeat(Math.floor(full * inner)).padEnd(inner, '.');
  return `${left}${paint(io, full === 1 ? 'green' : 'cyan', filling)}${right}`;
}

function smooth(fraction: number, inner: number): string {
  const eighths = Math.floor(fraction * inner * EIGHTHS.length);
  const part = EIGHTHS[eighths % EIGHTHS.length] ?? '';
  return ('█'.repeat(Math.floor(eighths / EIGHTHS.length)) + part).padEnd(inner);
}
