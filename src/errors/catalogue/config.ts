import type { CatalogueEntry } from './entry.ts';

export const configErrors = {
  RLY_CONFIG_MISSING: {
    fault: 'config',
    what: 'no configuration: looked in {places}, and no RELAY_* variable names an update source',
    advice:
      'Write relay.yaml with `sources: { officeScanServer: https://SERVER:4343/officescan }`, or set RELAY_SOURCES__OFFICE_SCAN_SERVER.',
  },
} as const satisfies Record<string, CatalogueEntry>;
