import type { Release } from '../../src/lab/release.ts';
import { releaseWithIndex } from './release-with-index.ts';

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
  return releaseWithIndex(release, Buffer.from(lines.join('\n'), 'latin1'));
}
