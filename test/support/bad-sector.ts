import { open } from 'node:fs/promises';
import type { Test } from 'tap';

/** From now until what it answers is called, this process can read no file: each read is EIO, as from a bad sector. */
export async function badSector(t: Test): Promise<() => void> {
  const file = await open(import.meta.filename);
  const handles = Object.getPrototypeOf(file) as { read: () => Promise<never> };
  await file.close();
  const { read } = handles;
  handles.read = async () => {
    throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
  };
  const readableAgain = (): void => void (handles.read = read);
  t.teardown(readableAgain);
  return readableAgain;
}
