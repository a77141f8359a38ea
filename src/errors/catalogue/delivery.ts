import type { CatalogueEntry } from './entry.ts';

export const deliveryErrors = {
  RLY_NOT_LISTED: {
    fault: 'client',
    what: '{path} is not in any generation this relay holds',
    advice: 'Nothing to do if other agents are served; `relay status` shows the generation.',
  },
  RLY_NOT_READY: {
    fault: 'upstream',
    what: 'this relay has not mirrored a generation yet',
    advice: 'Try again after the time in Retry-After; `relay status` says what the update is doing.',
  },
} as const satisfies Record<string, CatalogueEntry>;
