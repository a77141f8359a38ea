import { canonicalPath, pathFlaw } from '../manifest/path.ts';
import type { PulledKind } from '../ports/pull-through.ts';

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
const HOTFIX_LISTS = new Set(['hotfixnt.txt', 'hotfixnt_x64.txt']);

const SETTINGS_ROOT = '/activeupdate/';
/** The file of a domain's settings, and the only one. */
const SETTINGS_FILE = 'ofcscan.ini';

/** Pure. */
export function createAllowList({ programs, domains }: AllowListOptions): AllowList {
  const settings = new Set(domains.map((domain) => canonicalPath(`${domain}/${SETTINGS_FILE}`)));

  function hotfix(path: string): PullItem | undefined {
    const inTree = below(path, HOTFIX_ROOTS, (key) => HOTFIX_TREES.some((tree) => key.startsWith(tree)));
    if (inTree) return { kind: 'hotfix', ...inTree, base: 'items' };
    const list = below(path, COMPONENT_ROOTS, (key) => HOTFIX_LISTS.has(key));
    return list && { kind: 'hotfix', ...list, base: 'components' };
  }

  return {
    find(path) {
      const found = programs ? hotfix(path) : undefined;
      if (found) return found;
      const own = below(path, [SETTINGS_ROOT], (key) => settings.has(key));
      return own && { kind: 'domain-settings', ...own, base: 'items' };
    },
    has: ({ kind, key }) => (kind === 'hotfix' ? programs : settings.has(key)),
  };
}

function below(
  path: string,
  roots: readonly string[],
  isListed: (key: string) => boolean,
): Pick<PullItem, 'key' | 'path'> | undefined {
  const canonical = canonicalPath(path);
  for (const root of roots) {
    if (!canonical.startsWith(root)) continue;
    const key = canonical.slice(root.length);
    const relative = path.slice(root.length);
    if (isListed(key) && pathFlaw(relative) === undefined) return { key, path: relative };
  }
  return undefined;
}
