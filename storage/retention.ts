export interface Retention {
  /** Numbers of the whole generations, newest first. */
  readonly whole: readonly number[];
  /** Numbers of those that did not validate at start. */
  readonly refused: readonly number[];
  readonly current: number | undefined;
  /** Numbers some agent may still be reading. */
  readonly pinned: ReadonlySet<number>;
  /** How many of the newest stay. */
  readonly keep: number;
}

/**
 * The generations whose files may go: all but the newest `keep`, the current and the pinned. One that was refused
 * stays for people to look at, and goes when it is older than all of the newest `keep`. Pure.
 */
export function retired({ whole, refused, current, pinned, keep }: Retention): number[] {
  const newest = whole.slice(0, keep);
  const oldest = newest.length < keep ? 0 : (newest.at(-1) ?? 0);
  const kept = new Set([...newest, current, ...pinned]);
  return [...whole.filter((number) => !kept.has(number)), ...refused.filter((number) => number < oldest)];
}
