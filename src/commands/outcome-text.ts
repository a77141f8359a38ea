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
    ...absent.map((path) => `  absent   ${path}: named by the index, but not to be had there; agents get 404`),
    '',
  ].join('\n');
}
