import { median } from '../load/percentile.ts';
import { type Metric, METRICS, type ScenarioResult } from '../result.ts';

/** One figure in which the relay is not the best. */
export interface Loss {
  readonly case: string;
  readonly metric: Metric;
  readonly relay: number;
  /** The best first. */
  readonly better: readonly { readonly contender: string; readonly value: number }[];
}

/** Every figure in which somebody does better than the relay, by their medians. Pure. */
export function losses(results: readonly Pick<ScenarioResult, 'series'>[]): Loss[] {
  const medians = results
    .flatMap(({ series }) => series)
    .map(({ case: name, contender, metric, rounds }) => ({ case: name, contender, metric, value: median(rounds) }));
  return medians
    .filter(({ contender }) => contender === 'relay')
    .flatMap(({ case: name, metric, value: relay }) => {
      const { better: way } = METRICS[metric];
      const ahead = (value: number): number => (way === 'more' ? value - relay : relay - value);
      const better = medians
        .filter((one) => way !== null && one.case === name && one.metric === metric && ahead(one.value) > 0)
        .toSorted((a, b) => ahead(b.value) - ahead(a.value))
        .map(({ contender, value }) => ({ contender, value }));
      return better.length > 0 ? [{ case: name, metric, relay, better }] : [];
    });
}
