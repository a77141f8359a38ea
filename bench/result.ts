/** What is measured: how it reads in a table, and which way is better. */
export const METRICS = {
  rate: { says: 'requests/s', better: 'more', digits: 0 },
  throughput: { says: 'GB/s', better: 'more', digits: 2 },
  cpuPerRequest: { says: 'CPU µs/request', better: 'less', digits: 1 },
  cpuPerGb: { says: 'CPU s/GB', better: 'less', digits: 3 },
  p50: { says: 'p50, ms', better: 'less', digits: 2 },
  p99: { says: 'p99, ms', better: 'less', digits: 2 },
  originRatio: { says: 'origin bytes ÷ bytes wanted', better: 'less', digits: 3 },
  firstByte: { says: 'first byte, s after the origin’s', better: 'less', digits: 3 },
  lastAgent: { says: 'last agent, s', better: 'less', digits: 2 },
  medianAgent: { says: 'median agent, s', better: 'less', digits: 2 },
  unserved: { says: 'agents without it', better: 'less', digits: 0 },
  wrong: { says: 'agents with wrong bytes', better: 'less', digits: 0 },
  resident: { says: 'resident, MB', better: 'less', digits: 0 },
  kept: { says: 'connections kept', better: 'more', digits: 0 },
  seconds: { says: 's', better: 'less', digits: 2 },
  cpuMs: { says: 'CPU ms', better: 'less', digits: 1 },
  upstreamRequests: { says: 'requests to the source', better: 'less', digits: 0 },
  loadShare: { says: 'load’s core in use, %', better: null, digits: 0 },
} as const satisfies Record<string, { says: string; better: 'more' | 'less' | null; digits: number }>;

export type Metric = keyof typeof METRICS;

/** One figure of one contender in one case, once a round. */
export interface Series {
  readonly case: string;
  readonly contender: string;
  readonly metric: Metric;
  readonly rounds: readonly number[];
}

/** What a figure has to reach. */
export interface Goal {
  readonly says: string;
  readonly value: number;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Participant {
  readonly name: string;
  readonly version: string;
  /** Why it did not take part; null: it did. */
  readonly skipped: string | null;
}

/** All of one scenario; what `bench/results/NAME.json` holds. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly title: string;
  /** What was done, in sentences. */
  readonly method: readonly string[];
  readonly participants: readonly Participant[];
  readonly series: readonly Series[];
  readonly goals: readonly Goal[];
}
