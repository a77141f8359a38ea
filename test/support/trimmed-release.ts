import { hash } from 'node:crypto';
import type { Release } from '../../src/lab/release.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import { canonicalPath, signaturePaths } from '../../src/manifest/path.ts';

/**
 * A release with fewer things in it: no program packages, and of the components only those named (all, unless told
 * otherwise). Its index lists nothing else, and it has no other files.
 */
export function trimmedRelease(release: Release, components?: readonly string[]): Release {
  const lines = release.index
    .toString('latin1')
    .replace(/\[Info_[^]*$/, '')
    .split('\n')
    .filter((line) => {
      const id = /^[PE]\.\d+/.exec(line)?.[0];
      return id === undefined || components === undefined || components.includes(id);
    });
  const index = Buffer.from(lines.join('\n'), 'latin1');
  const manifest = parseManifest(index);
  const listed = new Set([...manifest.objects, ...signaturePaths(manifest)].map(({ key }) => key));
  const files = new Map(
    [...release.files].filter(([path]) => path === 'server.ini' || listed.has(canonicalPath(path))),
  );
  const text = files.get('server.ini');
  if (text) {
    const etag = `"${hash('sha256', index)}"`;
    files.set('server.ini', { ...text, size: index.length, etag, read: async () => index });
  }
  return { ...release, index, files };
}
