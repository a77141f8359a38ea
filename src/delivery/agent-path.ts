import { canonicalPath } from '../manifest/path.ts';

/** What agents ask for below (docs/protocol.md §3): an Update Agent's base, and the one of the OfficeScan server. */
const TREES = ['/activeupdate/', '/officescan/download/'];

/** Where the index lies in each tree. */
export const INDEX = 'server.ini';

/** The canonical path below one of the trees of an absolute one; undefined outside of them. */
export function pathInTree(path: string): string | undefined {
  const canonical = canonicalPath(path);
  const tree = TREES.find((prefix) => canonical.startsWith(prefix));
  return tree === undefined ? undefined : canonical.slice(tree.length);
}
