/**
 * Measures each entry once a round, one after the other, and begins each round with another one: what warms up or slows
 * down in the course of a run does not always strike the same.
 */
export async function inRounds<T>(
  rounds: number,
  entries: readonly T[],
  measure: (entry: T, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < entries.length; turn += 1) {
      const entry = entries[(round + turn) % entries.length];
      if (entry !== undefined) await measure(entry, round);
    }
  }
}
