import type { CatalogueEntry } from './entry.ts';

export const adminErrors = {
  RLY_ADMIN_READ_ONLY: {
    fault: 'client',
    what: 'this relay has no admin token, so nothing can be changed over the network',
    advice:
      'Put a token of at least 32 characters into a file (openssl rand -hex 32), name it in admin.tokenFile, and start the relay anew.',
  },
  RLY_ADMIN_UNAUTHORIZED: {
    fault: 'client',
    what: 'the bearer token is missing or wrong',
    advice:
      'Send `Authorization: Bearer TOKEN` with the content of admin.tokenFile. The relay read that file when it started: if it has changed since, start the relay anew.',
  },
  RLY_ADMIN_TOKEN_UNUSABLE: {
    fault: 'config',
    what: 'admin.tokenFile {file} cannot be used: {reason}',
    advice: 'Write a token of at least 32 characters into it (openssl rand -hex 32), readable by the relay only.',
  },
  RLY_ADMIN_NOT_FOUND: {
    fault: 'client',
    what: 'there is no {path} here',
    advice: 'The API is under /api/v1; /livez, /readyz and /metrics stand beside it.',
  },
  RLY_ADMIN_BAD_REQUEST: {
    fault: 'client',
    what: 'the request is not understood: {reason}',
    advice: 'Send JSON as application/json, with the fields the call knows and no others.',
  },
  RLY_ADMIN_UNREACHABLE: {
    fault: 'client',
    what: 'no relay answers at {url}: {reason}',
    advice: 'Start it with `relay serve`, or point admin.host and admin.port (or --config) at the one you mean.',
  },
  RLY_ADMIN_REFUSED: {
    fault: 'client',
    what: '{url} answered {status}: {reason}',
    advice: 'These are the relay’s own words; its log may say more.',
  },
} as const satisfies Record<string, CatalogueEntry>;
