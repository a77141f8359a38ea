import { open } from 'node:fs/promises';

/** What all open files of this process have in common: Node exports no class of it. */
export async function fileHandles(): Promise<object> {
  const file = await open(import.meta.filename);
  await file.close();
  return Object.getPrototypeOf(file) as object;
}
