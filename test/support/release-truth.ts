import type { LabFile, Release } from '../../src/lab/release.ts';
import { canonicalPath } from '../../src/manifest/path.ts';
import type { Generation } from '../../src/ports/generation.ts';
import type { Store } from '../../src/ports/store.ts';

const MIRRORED = new Set(['pattern', 'incremental', 'engine', 'signature', 'program']);

/** What a relay has of a release besides its index. */
export function mirroredFiles({ files }: Release, { programs = true } = {}): LabFile[] {
  return [...files.values()].filter(({ kind }) => MIRRORED.has(kind) && (programs || kind !== 'program'));
}

/** Every path that `read` does not give the very bytes of the release for, the index among them. None: all is of one moment. */
export async function differences(
  release: Release,
  read: (path: string) => Promise<Buffer | null>,
  options?: { readonly programs?: boolean; readonly index?: Buffer },
): Promise<string[]> {
  const wrong: string[] = [];
  const index = await read('server.ini');
  if (!index?.equals(options?.index ?? release.index)) wrong.push('server.ini');
  for (const file of mirroredFiles(release, options)) {
    const bytes = await read(file.path);
    if (!bytes?.equals(await file.read())) wrong.push(file.path);
  }
  return wrong;
}

/** The same for a generation in a store; and what it has that the release has not. */
export async function generationDifferences(
  release: Release,
  store: Store,
  generation: Generation | undefined = store.generations.current(),
  options?: { readonly programs?: boolean },
): Promise<string[]> {
  if (!generation) return ['there is no generation'];
  const { index, objects } = generation;
  const blobs = new Map(objects.map((object) => [canonicalPath(object.path), object]));
  const wrong = await differences(
    release,
    async (path) => {
      const blob = path === 'server.ini' ? index : blobs.get(canonicalPath(path));
      return blob ? store.blobs.read(blob) : null;
    },
    options,
  );
  const expected = new Set(mirroredFiles(release, options).map(({ path }) => canonicalPath(path)));
  return [...wrong, ...objects.map(({ path }) => path).filter((path) => !expected.has(canonicalPath(path)))];
}
