import type { UpdateOutcome } from '../mirror/update.ts';
import { formatBytes, formatRate } from '../terminal/bytes.ts';
import { formatDuration } from '../terminal/duration.ts';

/** What came of an update, for people. `took` in ms. */
export function outcomeText(outcome: UpdateOutcome, took: number): string {
  if (outcome.result === 'unchanged') {
    return `No change at ${outcome.source}: generation ${outcome.generation} is current.\n`;
  }
  const { generation, source, fetched, reused, bytes, absent } = outcome;
  const rate = formatRate(bytes / (took / 1000));
  return [
    `Generation ${generation} published from ${source}.`,
    `  fetched  ${fetched} objects, ${formatBytes(bytes)} in ${formatDuration(took)} (${rate})`,
    `  reused   ${reused} objects that were here already`,
    ...absentLines(absent),
    '',
  ].join('\n');
}

/** A real index names dozens of packages of products long gone; five show what they are like, `--json` has all. */
const ABSENT_SHOWN = 5;

function absentLines(absent: readonly string[]): string[] {
  const shown = absent.slice(0, ABSENT_SHOWN);
  const lines = shown.map((path) => `  absent   ${path}: named by the index, but not to be had there; agents get 404`);
  const more = absent.length - shown.length;
  return more > 0 ? [...lines, `           and ${more} more; --json lists them all`] : lines;
}
