import { statfs } from 'node:fs/promises';
import { RelayError } from '../src/errors/relay-error.ts';
import type { StorageUsage } from '../src/ports/store.ts';
import { type Account, book, type Limits, release, reserve, shortfall, type Wish } from './accountant.ts';
import type { Layout } from './layout.ts';
import { naming } from './system-error.ts';

/** Space promised to one writer. */
export interface Reservation {
  readonly bytes: number;
  /** Gives the promise back. Only the first call counts. */
  release(): void;
}

/** The books of the store: what is held and promised, kept equal to the disk. */
export interface Ledger {
  /** Promises bytes. Throws RLY_STORAGE_FULL, saying which limit stands in the way. */
  reserve(wish: Wish): Promise<Reservation>;
  /** Bytes that have to be deleted before so many can be promised; 0 where they can. */
  shortfall(wish: Wish): Promise<number>;
  /** Books what came to be held (positive) or went (negative). Bytes. */
  book(change: number): void;
  usage(): StorageUsage;
}

/** `held`: the bytes of blobs and parts found at start. */
export function openLedger(layout: Layout, limits: Limits, held: number): Ledger {
  let account: Account = { held, reserved: 0 };
  const freeBytes = async (): Promise<number> => {
    const { bavail, bsize } = await naming(layout.root, () => statfs(layout.root));
    return bavail * bsize;
  };
  return {
    async reserve(wish) {
      const { bytes } = wish;
      const free = await freeBytes();
      const verdict = reserve(account, wish, free, limits);
      if ('refused' in verdict) {
        throw new RelayError('RLY_STORAGE_FULL', { bytes, path: layout.root, reason: verdict.refused });
      }
      account = verdict.account;
      let promised = bytes;
      return {
        bytes,
        release() {
          account = release(account, promised);
          promised = 0;
        },
      };
    },
    async shortfall(wish) {
      const free = await freeBytes();
      return shortfall(account, wish, free, limits);
    },
    book(change) {
      account = book(account, change);
    },
    usage: () => ({ bytes: account.held, reserved: account.reserved, maxBytes: limits.maxSize }),
  };
}
