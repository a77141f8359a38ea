import type { FileKind } from './components.ts';

/** Which server the lab plays: what it has, and under which URLs (docs/protocol.md §3). */
export type LabServerKind = 'officeScanServer' | 'activeUpdate';

/** Where the URLs of a server begin, as its address is configured in a relay. */
export const BASE_PATH: Readonly<Record<LabServerKind, string>> = {
  officeScanServer: '/officescan',
  activeUpdate: '/activeupdate',
};

/** What `/server.ini` and the paths of an index are appended to. */
export const COMPONENTS_PATH: Readonly<Record<LabServerKind, string>> = {
  officeScanServer: '/officescan/download',
  activeUpdate: '/activeupdate',
};

/** Only components come from ActiveUpdate (docs/protocol.md §2). */
export function serves(server: LabServerKind, file: FileKind): boolean {
  return server === 'officeScanServer' || (file !== 'hotfix' && file !== 'settings');
}

/** The path in a release, in lower case, that a request target stands for, or null: no such place on this server. */
export function releasePath(server: LabServerKind, target: string): string | null {
  const path = decode(target.split('?', 1)[0] ?? '').toLowerCase();
  const components = `${COMPONENTS_PATH[server]}/`;
  if (path.startsWith(components)) return path.slice(components.length);
  const tree = `${BASE_PATH[server]}/`;
  if (!path.startsWith(tree)) return null;
  const rest = path.slice(tree.length);
  // Under which path a server has the settings of its domains is not known: beside the hot fixes, the relay takes it.
  return rest.startsWith('hotfix_') || rest.endsWith('/ofcscan.ini') ? rest : null;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}
