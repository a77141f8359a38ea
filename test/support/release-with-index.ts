import { hash } from 'node:crypto';
import type { LabFile, Release } from '../../src/lab/release.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import { canonicalPath, signaturePaths } from '../../src/manifest/path.ts';

/**
 * A release with another text for its index, and of its files those that this index lists, with their signatures.
 * `lastModified`: the date of the index, unchanged unless told otherwise.
 */
export function releaseWithIndex(release: Release, index: Buffer, lastModified?: Date): Release {
  const manifest = parseManifest(index);
  const listed = new Set([...manifest.objects, ...signaturePaths(manifest)].map(({ key }) => key));
  const files = new Map<string, LabFile>(
    [...release.files].filter(([path]) => path === 'server.ini' || listed.has(canonicalPath(path))),
  );
  const text = files.get('server.ini');
  if (text) {
    const etag = `"${hash('sha256', index)}"`;
    const read = async (): Promise<Buffer> => index;
    const date = lastModified ?? text.lastModified;
    files.set('server.ini', { ...text, size: index.length, etag, read, lastModified: date });
  }
  return { ...release, index, files };
}

/** The same with the text changed by a function. */
export function editedRelease(release: Release, edit: (text: string) => string, lastModified?: Date): Release {
  const text = release.index.toString('latin1');
  const changed = edit(text);
  if (changed === text) throw new Error('the edit changed nothing: the text it looks for is not there');
  return releaseWithIndex(release, Buffer.from(changed, 'latin1'), lastModified);
}
