import type { CatalogueEntry } from './entry.ts';

export const mirrorErrors = {
  RLY_UPDATE_INDEX_MISSING: {
    fault: 'upstream',
    what: '{url} answered 404: there is no index',
    advice:
      'During a release the index is away for up to 5 minutes; the relay tries again by itself. If it stays away, check the address in sources.',
  },
  RLY_UPDATE_INDEX_MOVED: {
    fault: 'upstream',
    what: 'the index at {url} changed {rounds} times while its objects were being fetched',
    advice: 'A release is under way there; the next scheduled update starts afresh with what is already here.',
  },
  RLY_UPDATE_OLDER: {
    fault: 'upstream',
    what: '{url} is older than what was published before: found {found}, expected {expected}',
    advice:
      'What is served stays. Two servers behind one name may be of different moments: that passes by itself. If it stays so, find out who put an old index there. If the vendor has taken a release back, say so: relay update --allow-older --reason TEXT.',
  },
  RLY_UPDATE_SHRUNK: {
    fault: 'upstream',
    what: '{url} takes away {found} of the {expected} {things}, more than half',
    advice:
      'What is served stays. A file that was cut, or one of another product, is the usual cause. If the source really offers so much less now, say so: relay update --allow-shrink --reason TEXT.',
  },
  RLY_UPDATE_NO_SOURCE: {
    fault: 'upstream',
    what: 'no update source could serve this update. Tried {tried}',
    advice:
      'The last good generation stays and is served. Mend the first source named, or wait for the next schedule. An index that is older or smaller, and right all the same, is taken with relay update --allow-older or --allow-shrink.',
  },
  RLY_UPDATE_FAILED_THERE: {
    fault: 'upstream',
    what: 'the running relay could not update: {reason}',
    advice: 'Its last good generation stays and is served; its log says more.',
  },
} as const satisfies Record<string, CatalogueEntry>;
