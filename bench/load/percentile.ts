/** The value below which `share` of the values lie, nearest rank; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const ascending = values.toSorted((a, b) => a - b);
  return ascending[Math.min(ascending.length - 1, Math.ceil(share * ascending.length) - 1)] ?? Number.NaN;
}

/** The middle value, the lower one of two. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
