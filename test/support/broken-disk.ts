import type { Test } from 'tap';
import { fileHandles } from './file-handles.ts';

/** From now until what it answers is called, this process can read no file: each read is EIO, as from a bad sector. */
export function badSector(t: Test): Promise<() => void> {
  return refusing(t, 'read', 'EIO');
}

/** The same for writing: the disk is full. */
export function fullDisk(t: Test): Promise<() => void> {
  return refusing(t, 'write', 'ENOSPC');
}

/** The same for what a directory says of files that are open. */
export function badInode(t: Test): Promise<() => void> {
  return refusing(t, 'stat', 'EIO');
}

async function refusing(t: Test, call: 'read' | 'write' | 'stat', code: string): Promise<() => void> {
  const handles = (await fileHandles()) as Record<typeof call, () => Promise<never>>;
  const { [call]: real } = handles;
  handles[call] = async () => {
    throw Object.assign(new Error(`${code}, ${call}`), { code, syscall: call });
  };
  const again = (): void => void (handles[call] = real);
  t.teardown(again);
  return again;
}
