import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Release } from './release.ts';

/** Writes every file of a release below `folder`, so that any plain web server can be an update source. */
export async function writeTree(release: Release, folder: string): Promise<void> {
  for (const file of release.files.values()) {
    const target = join(folder, file.path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await file.read());
  }
}
