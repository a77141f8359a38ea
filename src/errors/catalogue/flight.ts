import type { CatalogueEntry } from './entry.ts';

export const flightErrors = {
  RLY_OBJECT_NOT_YET: {
    fault: 'upstream',
    what: '{path} is not on this relay yet: {reason}',
    advice: 'Try again after the time in Retry-After; the download goes on meanwhile where it can.',
  },
  RLY_OBJECT_MOVED_ON: {
    fault: 'upstream',
    what: '{path} is of generation {generation}, was not fetched before, and no permitted source lists it any more',
    advice: 'Nothing to do: the relay looks for the new release at once. Read the index again.',
  },
  RLY_OBJECT_NO_SOURCE: {
    fault: 'upstream',
    what: 'no source that is permitted for {path} lists it',
    advice: 'Nothing to do if another release is on its way; else look at `relay explain --kind` for the sources.',
  },
  RLY_OBJECT_DISCARDED: {
    fault: 'upstream',
    what: 'what had come of {path} is worthless: {reason}',
    advice: 'Nothing to do: the download begins anew, and whoever had bytes of it is cut off and asks again.',
  },
  RLY_OBJECT_CHANGED: {
    fault: 'upstream',
    what: '{url} has another content than the one this relay had under the same path, version and size: found {found}, expected {expected}',
    advice: 'It is not taken. Ask whoever runs the source whether the file was replaced; if not, somebody else did it.',
  },
} as const satisfies Record<string, CatalogueEntry>;
