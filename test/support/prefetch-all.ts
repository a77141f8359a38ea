/** Everything is fetched before it is published: what most tests of updates are about. */
export const prefetchAll = (): boolean => true;

/** The same for a relay, as variables. */
export const PREFETCH_ALL_ENV = {
  RELAY_MIRROR__PREFETCH__FULL_PATTERNS_UP_TO: '1GiB',
  RELAY_MIRROR__PREFETCH__PROGRAMS: 'true',
};
