import type { Prefetch } from '../../src/mirror/prefetch.ts';

/** Everything is fetched before it is published. */
export const PREFETCH_ALL: Prefetch = {
  incrementals: true,
  engines: true,
  fullPatternsUpTo: Number.MAX_SAFE_INTEGER,
  programs: true,
};
