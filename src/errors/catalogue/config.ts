import type { CatalogueEntry } from './entry.ts';

export const configErrors = {
  RLY_CONFIG_MISSING: {
    fault: 'config',
    what: 'no configuration: looked in {places}, and no RELAY_* variable names an update source',
    advice:
      'Write relay.yaml with `sources:` and, indented below it, `officeScanServer: https://SERVER:4343/officescan`; or set RELAY_SOURCES__OFFICE_SCAN_SERVER to that URL.',
  },
  RLY_CONFIG_UNREADABLE: {
    fault: 'config',
    what: 'the configuration file {file} cannot be used: {reason}',
    advice:
      'Check the path (--config or RELAY_CONFIG), that the user the relay runs as may read the file, and that not everybody may write it: it says where updates come from.',
  },
  RLY_CONFIG_INVALID: {
    fault: 'config',
    what: 'the configuration cannot be used: {problems}',
    advice: 'Correct what is listed and run `relay check-config`; docs/reference/configuration.md explains every key.',
  },
  RLY_CONFIG_RELOAD: {
    fault: 'config',
    what: 'the running relay cannot take this configuration over: {key} would be {found}, expected {expected}',
    advice: 'Some keys take effect at a start only: start the relay anew. Until then nothing of it is in force.',
  },
  RLY_CONFIG_TLS_FILE: {
    fault: 'config',
    what: '{key}: {file} cannot be used: {reason}',
    advice:
      'It is PEM: in cert the relay’s own certificate first and those that vouch for it behind, in key the key of the first, without a password, and for the relay’s eyes only (chmod 0640, or 0600).',
  },
  RLY_CONFIG_REACH_FILE: {
    fault: 'config',
    what: '{key}: {file} cannot be used: {reason}',
    advice:
      'Credentials are one line, user:password; certificates and keys are PEM. The user the relay runs as must be able to read the file.',
  },
} as const satisfies Record<string, CatalogueEntry>;
