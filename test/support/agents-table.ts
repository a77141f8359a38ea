import { hash } from 'node:crypto';
import type { Release } from '../../src/lab/release.ts';
import { withServerSection } from '../../src/manifest/server-section.ts';
import type { Contents } from './judge-answers.ts';
import { mirroredFiles } from './release-truth.ts';

/** What agents may ask a relay for that has this release, in one tree and the other, and all that may come back, by ETag. */
export async function agentsTable(
  release: Release,
): Promise<{ readonly paths: readonly string[]; readonly contents: Contents }> {
  const files = mirroredFiles(release);
  const names = ['server.ini', ...files.map(({ path }) => path)];
  const served = [
    withServerSection(release.index, 'comment'),
    ...(await Promise.all(files.map((file) => file.read()))),
  ];
  return {
    paths: ['/activeupdate/', '/officescan/download/'].flatMap((tree) => names.map((name) => tree + name)),
    contents: new Map(served.map((bytes) => [`"${hash('sha256', bytes)}"`, bytes])),
  };
}
