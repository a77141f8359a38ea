import type { Component, ManifestObject } from '../manifest/model.ts';
import { compareVersions } from '../manifest/versions.ts';

/** What an agent does about one component, and with which object. */
export type Choice =
  | { readonly how: 'current'; readonly object: null }
  | { readonly how: 'incremental' | 'full'; readonly object: ManifestObject };

/**
 * Which object of a component an agent that holds version `held` (null: none) fetches (docs/protocol.md §4, §5):
 * none when nothing newer is listed, for an agent never goes back by itself; the incremental that starts from the version it
 * holds; else the full one, because it is new or further behind than the incrementals reach. Engines have no incrementals.
 * An engine's minimum version changes nothing: a full package needs no base. Pure.
 */
export function choose({ full, incrementals }: Component, held: string | null): Choice {
  if (held === null) return { how: 'full', object: full };
  if (full.version === null || compareVersions(full.version, held) <= 0) return { how: 'current', object: null };
  const step = incrementals.find(({ version }) => version !== null && compareVersions(version, held) === 0);
  return step ? { how: 'incremental', object: step } : { how: 'full', object: full };
}
