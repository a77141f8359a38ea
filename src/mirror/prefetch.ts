import type { ManifestObject } from '../manifest/model.ts';

/** What is fetched before a release is published, as `mirror.prefetch` has it; the rest is fetched when an agent asks for it. */
export interface PrefetchSettings {
  readonly incrementals: boolean;
  readonly engines: boolean;
  /** Bytes up to which a full pattern is. */
  readonly fullPatternsUpTo: number;
  readonly programs: boolean;
  /** Milliseconds; a component that no agent has asked for in this time is not. Without it all are. */
  readonly unaskedFor?: number;
}

/** Whether an object is fetched before its release is published. */
export type Prefetches = (object: Pick<ManifestObject, 'kind' | 'size' | 'component'>) => boolean;

/** The rule that the settings make. `idle`: the milliseconds since agents last asked for something of a component. */
export function prefetchRule(settings: PrefetchSettings, idle: (component: string) => number): Prefetches {
  const { incrementals, engines, fullPatternsUpTo, programs, unaskedFor = Infinity } = settings;
  return ({ kind, size, component }) => {
    const byKind = {
      incremental: incrementals,
      engine: engines,
      pattern: size <= fullPatternsUpTo,
      program: programs,
    };
    return byKind[kind] && idle(component) <= unaskedFor;
  };
}
