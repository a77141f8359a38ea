import { open } from 'node:fs/promises';
import type { Test } from 'tap';

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
  const file = await open(import.meta.filename);
  const handles = Object.getPrototypeOf(file) as Record<typeof call, () => Promise<never>>;
  await file.close();
  const { [call]: real } = handles;
  handles[call] = async () => {
    throw Object.assign(new Error(`${code}, ${call}`), { code, syscall: call });
  };
  const again = (): void => void (handles[call] = real);
  t.teardown(again);
  return again;
}

/** Counts, from now on, the files that this process has synced. */
export async function countingSyncs(t: Test): Promise<() => number> {
  const file = await open(import.meta.filename);
  const handles = Object.getPrototypeOf(file) as { sync: () => Promise<void> };
  await file.close();
  const { sync } = handles;
  let count = 0;
  handles.sync = function counted(this: unknown) {
    count += 1;
    return sync.call(this);
  };
  t.teardown(() => void (handles.sync = sync));
  return () => count;
}
