import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isSha256, type Layout, TOP_NAMES } from './layout.ts';
import { isSystemError, storageError } from './system-error.ts';

/** What lies in the folder, by name and size alone; nothing is opened. */
export interface Scan {
  /** Regular files under a blob's name, with their sizes in bytes. */
  readonly blobs: ReadonlyMap<string, number>;
  /** Numbers that name something in `generations`, newest first. */
  readonly generations: readonly number[];
  /** What the relay did not write, relative to the store. */
  readonly unknown: readonly string[];
}

/** Throws the errors of `naming`. */
export async function scanFolder(layout: Layout): Promise<Scan> {
  const top = await entriesOf(layout.root);
  const generations = await entriesOf(layout.generations);
  const blobs = new Map<string, number>();
  const strangers = [
    ...top.filter(({ name }) => !TOP_NAMES.has(name)),
    ...generations.filter(({ name }) => !isGenerationName(name)),
  ];
  for (const folder of await entriesOf(layout.blobs)) {
    if (!folder.isDirectory()) strangers.push(folder);
    else strangers.push(...(await scanBlobs(folder, blobs)));
  }
  return {
    blobs,
    generations: generations
      .filter(({ name }) => isGenerationName(name))
      .map(({ name }) => Number(name))
      .sort((a, b) => b - a),
    unknown: strangers.map(({ parentPath, name }) => relative(layout.root, join(parentPath, name))),
  };
}

/** Adds the blobs in one of the folders to `blobs`; answers what is no blob. */
async function scanBlobs(folder: Dirent, blobs: Map<string, number>): Promise<Dirent[]> {
  const strangers: Dirent[] = [];
  for (const entry of await entriesOf(join(folder.parentPath, folder.name))) {
    const { name, parentPath } = entry;
    if (entry.isFile() && isSha256(name) && name.startsWith(folder.name)) {
      const size = await sizeOf(join(parentPath, name));
      if (size !== undefined) blobs.set(name, size);
    } else strangers.push(entry);
  }
  return strangers;
}

/** A folder that is gone holds nothing. */
const entriesOf = async (path: string): Promise<Dirent[]> =>
  (await unlessGone(path, () => readdir(path, { withFileTypes: true }))) ?? [];

/** Undefined where a relay that runs has deleted it meanwhile. */
const sizeOf = async (path: string): Promise<number | undefined> => (await unlessGone(path, () => lstat(path)))?.size;

async function unlessGone<T>(path: string, task: () => Promise<T>): Promise<T | undefined> {
  try {
    return await task();
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw storageError(error, path);
  }
}

/** At most 15 digits: a number JavaScript counts exactly. */
const isGenerationName = (name: string): boolean => /^[1-9]\d{0,14}$/.test(name);
