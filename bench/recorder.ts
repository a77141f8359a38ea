import { median } from './load/percentile.ts';
import type { Metric, Series } from './result.ts';

/** Collects figures round by round. */
export interface Recorder {
  readonly add: (
    at: { readonly case: string; readonly contender: string },
    figures: Partial<Record<Metric, number>>,
  ) => void;
  /** The median over all rounds; NaN where nothing was measured. */
  readonly median: (caseName: string, contender: string, metric: Metric) => number;
  readonly series: readonly Series[];
}

export function createRecorder(): Recorder {
  const all = new Map<string, Series & { readonly rounds: number[] }>();
  return {
    add({ case: caseName, contender }, figures) {
      for (const [name, value] of Object.entries(figures)) {
        const metric = name as Metric;
        const key = JSON.stringify([caseName, contender, metric]);
        const series = all.get(key) ?? { case: caseName, contender, metric, rounds: [] };
        all.set(key, series);
        series.rounds.push(value);
      }
    },
    median(caseName, contender, metric) {
      return median(all.get(JSON.stringify([caseName, contender, metric]))?.rounds ?? []);
    },
    get series() {
      return [...all.values()];
    },
  };
}
