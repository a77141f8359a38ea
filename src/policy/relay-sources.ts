import type { UpdateSource } from '../upstream/source.ts';
import { decideSources } from './decide-sources.ts';
import type { Attempt, SourceSettings } from './decision.ts';
import type { ItemKind } from './item-kind.ts';
import { itemsUrl } from './items-url.ts';

/** Where a relay updates from, for each kind of item in an order of its own. */
export interface RelaySources {
  readonly components: readonly Attempt[];
  /** Of the program packages that an index names: they lie where the components of their source do. */
  readonly programs: readonly UpdateSource[];
  /** Of the hot-fix trees. */
  readonly hotfixes: readonly UpdateSource[];
  readonly domainSettings: readonly UpdateSource[];
}

/** The update process of an Update Agent that has these addresses (docs/protocol.md §2.2), as the relay follows it. Pure. */
export function relaySources(settings: SourceSettings, addresses: readonly string[]): RelaySources {
  const role = 'update-agent';
  const attempts = (kind: ItemKind) => decideSources({ kind, role, addresses }, settings).attempts;
  const programs = attempts('programs');
  return {
    components: attempts('components'),
    programs: programs.map(({ source, type }) => ({ url: itemsUrl({ source, type }, 'components'), type })),
    hotfixes: programs,
    domainSettings: attempts('domainSettings'),
  };
}
