import type { CatalogueEntry } from './entry.ts';

export const mirrorErrors = {
  RLY_UPDATE_RUNNING: {
    fault: 'client',
    what: 'an update is running already, in state {state}',
    advice: 'Wait for it: `relay status` shows how far it is.',
  },
} as const satisfies Record<string, CatalogueEntry>;
