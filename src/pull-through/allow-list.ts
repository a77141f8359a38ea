import { canonicalPath, pathFlaw } from '../manifest/path.ts';
import type { PulledKind } from '../ports/pull-through.ts';
import { settingsPath } from '../ports/settings-path.ts';

/** A path that may be asked for upstream. */
export interface PullItem {
  readonly kind: PulledKind;
  /** The same for all paths that mean the same file: case is folded, the tree it was asked in is left out. */
  readonly key: string;
  /** Below the base URL of a source, in the case in which it was asked for. */
  readonly path: string;
  /** Which base URL that is: of the source's items of this kind, or of its components. */
  readonly base: 'items' | 'components';
}

export interface AllowListOptions {
  /** `mirror.items.programs`. */
  readonly programs: boolean;
  /** `mirror.domains`, where `mirror.items.domainSettings` is on. */
  readonly domains: readonly string[];
}

/** What may be asked for upstream; for everything else nothing is. */
export interface AllowList {
  /** The item an absolute path asks for; undefined for a path on no list. */
  find(path: string): PullItem | undefined;
  /** Whether an item may still be asked for: what is kept may be of another configuration. */
  has(item: Pick<PullItem, 'kind' | 'key'>): boolean;
}

/** Where agents look for the hot-fix trees: at a server, and at an Update Agent (docs/protocol.md §3). */
const HOTFIX_ROOTS = ['/officescan/', '/activeupdate/officescan/'];
const HOTFIX_TREES = ['hotfix_pccnt/', 'hotfix_admin/'];

/** Lists of hot-fix modules, which lie where components do (docs/protocol.md §3). Their format is unknown: they are handed on unread. */
const COMPONENT_ROOTS = ['/officescan/download/', '/activeupdate/'];
const HOTFIX_LISTS = ['hotfixnt.txt', 'hotfixnt_x64.txt'];

const SETTINGS_ROOT = '/activeupdate/';

/** What lies below a prefix, or a single file, by absolute path in lower case. */
interface Place extends Pick<PullItem, 'kind' | 'base'> {
  /** What of the path is no part of the item's. */
  readonly root: string;
}

const HOTFIXES = HOTFIX_ROOTS.flatMap((root) =>
  HOTFIX_TREES.map((tree) => ({ prefix: `${root}${tree}`, place: { kind: 'hotfix', base: 'items', root } as const })),
);

/** Pure. Each request of an agent comes by here: one that is on no list costs a comparison with each prefix, and one look-up. */
export function createAllowList({ programs, domains }: AllowListOptions): AllowList {
  const settings = new Set(domains.map(settingsPath));
  const trees = programs ? HOTFIXES : [];
  const files = new Map<string, Place>(
    [...settings].map((path) => [path, { kind: 'domain-settings', base: 'items', root: SETTINGS_ROOT }]),
  );
  for (const root of programs ? COMPONENT_ROOTS : []) {
    for (const list of HOTFIX_LISTS) files.set(`${root}${list}`, { kind: 'hotfix', base: 'components', root });
  }

  return {
    find(path) {
      const canonical = canonicalPath(path);
      const place = trees.find(({ prefix }) => canonical.startsWith(prefix))?.place ?? files.get(canonical);
      if (!place) return undefined;
      const { kind, base, root } = place;
      const relative = path.slice(root.length);
      if (pathFlaw(relative) !== undefined) return undefined;
      return { kind, key: canonical.slice(root.length), path: relative, base };
    },
    has: ({ kind, key }) => (kind === 'hotfix' ? programs : settings.has(`${SETTINGS_ROOT}${key}`)),
  };
}
