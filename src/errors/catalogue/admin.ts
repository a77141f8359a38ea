import type { CatalogueEntry } from './entry.ts';

export const adminErrors = {
  RLY_ADMIN_READ_ONLY: {
    fault: 'client',
    what: 'this relay has no admin token, so nothing can be changed over the network',
    advice:
      'Put a token of at least 32 characters into a file (openssl rand -hex 32), name it in admin.tokenFile, and have the relay read its configuration again (SIGHUP).',
  },
  RLY_ADMIN_UNAUTHORIZED: {
    fault: 'client',
    what: 'the bearer token is missing or wrong',
    advice:
      'Send `Authorization: Bearer TOKEN` with the content of admin.tokenFile. If that file has changed, the relay has to be told (SIGHUP).',
  },
  RLY_ADMIN_LOCKED_OUT: {
    fault: 'client',
    what: '{address} has sent too many wrong tokens; for {seconds} s none of them is looked at',
    advice: 'Wait for the time in Retry-After, then send the content of admin.tokenFile. The log has each attempt.',
  },
  RLY_ADMIN_TOKEN_UNUSABLE: {
    fault: 'config',
    what: 'admin.tokenFile {file} cannot be used: {reason}',
    advice: 'Write a token of at least 32 characters into it (openssl rand -hex 32), readable by the relay only.',
  },
  RLY_HOST_NOT_ALLOWED: {
    fault: 'client',
    what: '"{host}" in the field Host is no name of this listener',
    advice:
      'Ask for it as localhost or by the address in admin.host; any other name it is called by belongs into admin.hosts.',
  },
  RLY_ADMIN_NOT_FOUND: {
    fault: 'client',
    what: 'there is no {path} here',
    advice: 'The API is under /api/v1; /livez, /readyz and /metrics stand beside it.',
  },
  RLY_GENERATION_UNKNOWN: {
    fault: 'client',
    what: 'generation {number} is not kept here; these are: {held}',
    advice: 'Ask for one of those (`relay generations`); storage.keepGenerations says how many are kept.',
  },
  RLY_ADMIN_TOO_MANY_STREAMS: {
    fault: 'client',
    what: '{limit} event streams are open, and no more are served',
    advice: 'Close one, or follow the log instead: it has the same events.',
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
