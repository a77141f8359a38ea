import type { FileKind } from './components.ts';
import { keystream } from './random.ts';

/** A text an OfficeScan server has beside its components. */
export interface ServerText {
  readonly kind: FileKind;
  readonly path: string;
  readonly text: string;
  /** The release that brought it. */
  readonly since: number;
}

/** Domains of the lab's agent tree. */
export const LAB_DOMAINS = ['Branch', 'Workgroup'] as const;

/**
 * Settings of the domains, and the lists of hot-fix modules (docs/protocol.md §3; the real formats are unknown).
 * The passwords are made up; that they must reach nobody but agents of the domain is what they are for.
 */
export function serverTexts(seed: string, number: number): ServerText[] {
  const settings = LAB_DOMAINS.map((domain): ServerText => {
    const password = keystream(`${domain} password of ${seed}`, 12).toString('hex');
    const text = `[Domain]\nName=${domain}\nRelease=${number}\nUninstallPassword=!LAB!${password}\n`;
    return { kind: 'settings', path: `${domain}/ofcscan.ini`, text, since: number };
  });
  return [
    ...settings,
    { kind: 'hotfix', path: 'hotfixNT.txt', text: 'Common/GuardSetup.exe\r\n', since: 1 },
    { kind: 'hotfix', path: 'hotfixNT_x64.txt', text: 'Common/GuardSetup.exe\r\nx64/guard_x64.zip\r\n', since: 1 },
  ];
}
