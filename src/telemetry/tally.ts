/** Sums by a pair of labels. */
export interface Tally {
  add(first: string, second: string, amount: number): void;
  readonly rows: readonly { readonly first: string; readonly second: string; readonly sum: number }[];
}

/** Counts what happens with every answer: prom-client's own counters put a key together each time, for a microsecond. */
export function createTally(): Tally {
  const sums = new Map<string, Map<string, number>>();
  return {
    add(first, second, amount) {
      let row = sums.get(first);
      if (!row) sums.set(first, (row = new Map()));
      row.set(second, (row.get(second) ?? 0) + amount);
    },
    get rows() {
      return [...sums].flatMap(([first, row]) => [...row].map(([second, sum]) => ({ first, second, sum })));
    },
  };
}
