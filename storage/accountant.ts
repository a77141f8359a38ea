/** What the store holds and has promised. Bytes. */
export interface Account {
  /** In blobs. */
  readonly held: number;
  /** Promised to writers that have not ended. */
  readonly reserved: number;
}

/** What the configuration allows. Bytes. */
export interface Limits {
  readonly maxSize: number;
  readonly minFree: number;
}

export type Verdict = { readonly account: Account } | { readonly refused: string };

/** What a writer wants to be promised. Bytes. */
export interface Wish {
  readonly bytes: number;
  /** How many of them are on the disk already: those of a part, which are not held any more. */
  readonly here: number;
}

/** How many bytes have to go before a wish may be granted, by each limit; none where it is not positive. */
function lacking({ held, reserved }: Account, { bytes, here }: Wish, free: number, { maxSize, minFree }: Limits) {
  return { bySize: held + reserved + bytes - maxSize, byFree: minFree - (free - reserved - (bytes - here)) };
}

/** How many bytes have to be deleted before `reserve` agrees; 0 where it does. */
export function shortfall(account: Account, wish: Wish, free: number, limits: Limits): number {
  const { bySize, byFree } = lacking(account, wish, free, limits);
  return Math.max(0, bySize, byFree);
}

/**
 * Whether a wish may be granted: held + reserved stays within `maxSize`, and `free` (what the file system still
 * has) − reserved at or above `minFree`. What writers have written already counts twice in the second sum, as
 * reserved and as no longer free: it errs to the safe side, and only until they end.
 */
export function reserve(account: Account, wish: Wish, free: number, limits: Limits): Verdict {
  const { held, reserved } = account;
  const { bySize, byFree } = lacking(account, wish, free, limits);
  if (bySize > 0) {
    const reason = `${held} bytes are held, ${reserved} promised to downloads, and storage.maxSize is ${limits.maxSize}`;
    return { refused: reason };
  }
  if (byFree > 0) {
    const reason = `${free} bytes are free on the disk, ${reserved} promised to downloads, and storage.minFree is ${limits.minFree}`;
    return { refused: reason };
  }
  return { account: { held, reserved: reserved + wish.bytes } };
}

/** A writer ended, or gave back a part: `bytes` are promised no more. */
export const release = ({ held, reserved }: Account, bytes: number): Account => ({ held, reserved: reserved - bytes });

/** Blobs came (positive) or went (negative). */
export const book = ({ held, reserved }: Account, change: number): Account => ({ held: held + change, reserved });
