import type { CatalogueEntry } from './entry.ts';

export const storageErrors = {
  RLY_STORAGE_FULL: {
    fault: 'storage',
    what: 'no room for {bytes} bytes in {path}: {reason}',
    advice: 'Free disk space, or change storage.maxSize or storage.minFree. What is on disk is still served.',
  },
} as const satisfies Record<string, CatalogueEntry>;
