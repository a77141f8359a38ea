import { ENGINE_LINES, type EngineLine } from './engine-lines.ts';
import type { Line } from './line.ts';
import { PATTERN_LINES } from './pattern-lines.ts';

/** `full` has what the real index has: 39 patterns, 88 incrementals, 18 engines; `small` one of each sort, for tests. */
export type Shape = 'full' | 'small';

export interface ShapeLines {
  readonly patterns: readonly Line[];
  readonly engines: readonly EngineLine[];
}

// All ways to count incrementals, both packings, fixed names and versioned ones, an unsigned one.
const SMALL_PATTERNS = new Set(['P.4', 'P.800', 'P.20000040', 'P.40000010', 'P.48020000', 'P.49000012']);
const SMALL_ENGINES = new Set(['E.10', 'E.1000', 'E.49000111']);

/** The components of a shape. */
export function shapeLines(shape: Shape): ShapeLines {
  if (shape === 'full') return { patterns: PATTERN_LINES, engines: ENGINE_LINES };
  return {
    patterns: PATTERN_LINES.filter(({ id }) => SMALL_PATTERNS.has(id)).map(withFewDeltas),
    engines: ENGINE_LINES.filter(({ id }) => SMALL_ENGINES.has(id)),
  };
}

function withFewDeltas(line: Line): Line {
  return line.deltas ? { ...line, deltas: { ...line.deltas, near: 3, far: line.deltas.far.slice(0, 1) } } : line;
}
