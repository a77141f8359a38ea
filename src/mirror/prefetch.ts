import type { ManifestObject } from '../manifest/model.ts';

/** What is fetched before a release is published, as `mirror.prefetch` has it; the rest is fetched when an agent asks for it. */
export interface Prefetch {
  readonly incrementals: boolean;
  readonly engines: boolean;
  /** Bytes up to which a full pattern is. */
  readonly fullPatternsUpTo: number;
  readonly programs: boolean;
}

/** Whether an object is fetched before its release is published. Pure. */
export function isPrefetched({ kind, size }: Pick<ManifestObject, 'kind' | 'size'>, prefetch: Prefetch): boolean {
  const { incrementals, engines, fullPatternsUpTo, programs } = prefetch;
  const byKind = { incremental: incrementals, engine: engines, pattern: size <= fullPatternsUpTo, program: programs };
  return byKind[kind];
}
