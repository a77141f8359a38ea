import type { CatalogueEntry } from './entry.ts';

export const upstreamErrors = {
  RLY_UPSTREAM_STATUS: {
    fault: 'upstream',
    what: '{url} answered {found}, expected {expected}',
    advice: 'Open the URL from this host; check the address in sources, and what the server logs for it.',
  },
} as const satisfies Record<string, CatalogueEntry>;
