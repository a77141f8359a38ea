import type { CatalogueEntry } from './entry.ts';

export const archiveErrors = {
  RLY_ARCHIVE_DAMAGED: {
    fault: 'upstream',
    what: '{path} is not the archive it claims to be: {reason}',
    advice: 'The file is torn or was altered on its way. It was not kept; the next update fetches it again.',
  },
} as const satisfies Record<string, CatalogueEntry>;
