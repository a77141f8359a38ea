import { paint } from './paint.ts';
import { oneLine, truncate, visibleWidth } from './width.ts';
import type { Io } from './io.ts';

export interface Column<Row> {
  readonly title: string;
  /** Null is an empty cell, shown as a dash. */
  readonly value: (row: Row) => string | number | null;
  /** Columns with a number in them are aligned to the right anyway; this is for text that reads as one, as sizes do. */
  readonly align?: 'right';
}

const GAP = '  ';
// Narrower than this a column says nothing; the line runs over the edge instead.
const NARROWEST = 8;

/**
 * Rows as aligned text under their titles, each line ended by a newline. Columns are as wide as their widest cell;
 * on a terminal the widest are cut until the lines fit, in a pipe nothing is. Control characters become dots.
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], io: Io): string {
  const values = rows.map((row) => columns.map(({ value }) => value(row)));
  const lines = [columns.map(({ title }) => paint(io, 'bold', title)), ...values.map((line) => line.map(cell(io)))];
  const natural = columns.map((_, at) => Math.max(...lines.map((line) => visibleWidth(line[at] ?? ''))));
  const widths = io.isTerminal ? shrink(natural, io.columns() - GAP.length * (columns.length - 1)) : natural;
  const right = columns.map(
    ({ align }, at) => align === 'right' || values.some((line) => typeof line[at] === 'number'),
  );
  const fit = (text: string, at: number) => {
    const cut = truncate(text, widths[at] ?? 0, io.unicode ? '…' : '~');
    const padding = ' '.repeat(Math.max(0, (widths[at] ?? 0) - visibleWidth(cut)));
    return right[at] ? padding + cut : cut + padding;
  };
  return lines.map((line) => `${line.map(fit).join(GAP).trimEnd()}\n`).join('');
}

function cell(io: Io): (value: string | number | null) => string {
  return (value) => (value === null ? paint(io, 'dim', io.unicode ? '–' : '-') : oneLine(String(value)));
}

/** Takes one character after the other from the widest column until all fit, or nothing is left to take. */
function shrink(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  for (let over = widths.reduce((sum, width) => sum + width, 0) - room; over > 0; over -= 1) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}
