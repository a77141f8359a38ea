import { median } from '../load/percentile.ts';
import { METRICS, type ScenarioResult } from '../result.ts';

/** A scenario's medians, one line a contender and case; for who runs it. */
export function summary({ series }: Pick<ScenarioResult, 'series'>): string[] {
  const lines = new Map<string, string[]>();
  for (const { case: name, contender, metric, rounds } of series) {
    const key = `${name}: ${contender}`;
    const { says, digits } = METRICS[metric];
    lines.set(key, [...(lines.get(key) ?? []), `${says} ${median(rounds).toFixed(digits)}`]);
  }
  return [...lines].map(([key, figures]) => `${key}: ${figures.join(' · ')}`);
}
