import type { CatalogueEntry } from './entry.ts';

export const manifestErrors = {
  RLY_MANIFEST_NOT_AN_INDEX: {
    fault: 'upstream',
    what: 'this is not a server.ini: {reason}',
    advice: 'Look at the URL in a browser: a login page, a proxy notice or an empty file are the usual causes.',
  },
} as const satisfies Record<string, CatalogueEntry>;
