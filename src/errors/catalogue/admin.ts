import type { CatalogueEntry } from './entry.ts';

export const adminErrors = {
  RLY_ADMIN_READ_ONLY: {
    fault: 'client',
    what: 'this relay has no admin token, so nothing can be changed over the network',
    advice: 'Put a token of at least 32 characters into a file and name it in admin.tokenFile.',
  },
  RLY_ADMIN_UNAUTHORIZED: {
    fault: 'client',
    what: 'the bearer token is missing or wrong',
    advice: 'Send `Authorization: Bearer TOKEN` with the content of admin.tokenFile.',
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
    advice: 'Send JSON with the fields of the API reference, and nothing else.',
  },
  RLY_ADMIN_UNREACHABLE: {
    fault: 'client',
    what: 'no relay answers at {url}: {reason}',
    advice: 'Start it with `relay serve`, or point admin.host and admin.port (or --config) at the one you mean.',
  },
  RLY_ADMIN_REFUSED: {
    fault: 'client',
    what: '{url} answered {status}: {reason}',
    advice: 'See the relay’s log for this request.',
  },
} as const satisfies Record<string, CatalogueEntry>;
