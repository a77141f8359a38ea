import type { CatalogueEntry } from './entry.ts';

export const deliveryErrors = {
  RLY_NOT_LISTED: {
    fault: 'client',
    what: '{path} is not in any generation this relay holds',
    advice: 'Nothing to do if other agents are served; `relay status` shows the generation.',
  },
  RLY_OBJECT_ABSENT: {
    fault: 'client',
    what: '{path} is named by the index of generation {generation}, but {source} does not have it as it is listed; agents get 404',
    advice: 'Nothing to do: old indexes name packages that are long gone. The log has the reason under object.absent.',
  },
  RLY_NOT_READY: {
    fault: 'upstream',
    what: 'this relay has not mirrored a generation yet',
    advice: 'Try again after the time in Retry-After; `relay status` says what the update is doing.',
  },
  RLY_OBJECT_BROKEN: {
    fault: 'storage',
    what: 'the copy of {path} on this relay’s disk cannot be used',
    advice:
      'Try again after the time in Retry-After. The relay’s log says what is wrong with it, and the next update fetches it again.',
  },
  RLY_RANGE_NOT_SATISFIABLE: {
    fault: 'client',
    what: 'no range of "{range}" lies within the {size} bytes of {path}',
    advice: 'The object is complete at that size, or has changed: fetch it anew, without Range.',
  },
  RLY_PRECONDITION_FAILED: {
    fault: 'client',
    what: '{path} is not the content that If-Match names',
    advice: 'The object has changed: fetch it anew, without If-Match.',
  },
  RLY_BAD_REQUEST: {
    fault: 'client',
    what: 'the relay does not answer such a request: {reason}',
    advice: 'Agents never send this. Look at what sent it, and at any proxy in between.',
  },
  RLY_METHOD_NOT_ALLOWED: {
    fault: 'client',
    what: '{method} is not answered here, only {allowed}',
    advice:
      'Agents send status and logs to the OfficeScan server itself, never to an update source. The calls of the admin API stand in docs/reference/api.md.',
  },
  RLY_ADDRESS_NOT_ALLOWED: {
    fault: 'client',
    what: '{address} is in none of the networks of agents.allow',
    advice: 'If an agent of yours has this address, add its network to agents.allow.',
  },
  RLY_LOOP: {
    fault: 'config',
    what: 'this request comes from this relay itself: one of its sources leads back to it',
    advice: 'Take this relay’s own address out of sources.customized, and out of sources.officeScanServer.',
  },
  RLY_TOO_MANY_DOWNLOADS: {
    fault: 'client',
    what: '{address} has {limit} downloads under way, and may have no more; one is free in {seconds} s perhaps',
    advice:
      'Try again after the time in Retry-After. Where several agents stand behind this address, raise agents.limits.downloadsPerAddress; if it is that of a relay, add it to agents.relays.',
  },
  RLY_TARGET_TOO_LONG: {
    fault: 'client',
    what: 'the request target has {length} bytes, expected at most {limit}',
    advice: 'Agents ask for short paths. Look at what sent it.',
  },
  RLY_HEADER_TOO_LARGE: {
    fault: 'client',
    what: 'the request’s header has more than {limit} bytes',
    advice: 'Agents send a few short fields. Look at what sent it, and at any proxy in between.',
  },
  RLY_REQUEST_TIMEOUT: {
    fault: 'client',
    what: 'the request was not complete in time',
    advice: 'The connection is too slow or was left open. The agent may try again.',
  },
} as const satisfies Record<string, CatalogueEntry>;
