import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeContent } from '../../src/lab/content.ts';
import type { Release } from '../../src/lab/release.ts';
import { writeTree } from '../../src/lab/write-tree.ts';

/** Where a site's files lie below its folder: the tree agents ask for, so that a plain web server can stand in for a relay. */
export const TREE = 'activeupdate';

/** What an update source has, as files. */
export interface Site {
  /** A plain web server's document root. */
  readonly root: string;
  /** Absolute URL paths of the objects, in the order they were asked for. */
  readonly paths: readonly string[];
}

/** A full pattern of a made-up index: a ZIP of exactly `size` bytes. */
export interface SiteObject {
  /** `pattern/small.zip` */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Writes an index that lists these objects as full patterns, and the objects. */
export async function writeSite(root: string, objects: readonly SiteObject[]): Promise<Site> {
  const tree = join(root, TREE);
  const lines = objects.map(({ path, size }, n) => `P.${49_000_001 + n}=${path}, ${100 + n}, ${size}`);
  const index = ['[Common]', 'Version=1.0', 'CertExpireDate=Jan  1 00:00:00 2036 GMT', '', '[PATTERN]', ...lines, ''];
  await write(join(tree, 'server.ini'), Buffer.from(index.join('\n')));
  for (const { path, size } of objects) await write(join(tree, path), await makeContent('zip', path, size));
  return { root, paths: objects.map(({ path }) => `/${TREE}/${path}`) };
}

/** Writes a release of the lab. */
export async function writeRelease(root: string, release: Release): Promise<Site> {
  await writeTree(release, join(root, TREE));
  return { root, paths: [...release.files.keys()].map((path) => `/${TREE}/${path}`) };
}

async function write(file: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}
