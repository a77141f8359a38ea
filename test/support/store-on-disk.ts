import { hash } from 'node:crypto';
import { existsSync, globSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { STAGED_OBJECT } from '../../storage/checked-json.ts';
import { decodeLines } from '../../storage/object-lines.ts';
import type { StagedObject } from '../../src/ports/store.ts';

// The folder of a store, looked at without a store: opening one would mend it. Of a relay that runs, files may go at any moment.

/** The blobs: name of the file, hash of its content. */
export function blobsOn(store: string): Map<string, string> {
  const files = globSync('blobs/*/*', { cwd: store });
  return new Map(
    files.flatMap((file) => unlessGone(() => [[basename(file), hash('sha256', readFileSync(join(store, file)))]])),
  );
}

/** What an update that died had brought home: noted in the staging, and its blob is there. */
export function stagedOn(store: string): StagedObject[] {
  const blobs = blobsOn(store);
  const { objects } = decodeLines(STAGED_OBJECT, readFileSync(join(store, 'staging'), 'utf8'));
  return objects.filter(({ sha256 }) => blobs.has(sha256));
}

/** What the pointer names, read without the relay's own code: the number, and every blob of that generation with its path. */
export function currentOn(store: string): { number: number; blobs: { path: string; sha256: string; size: number }[] } {
  const number = Number.parseInt(readFileSync(join(store, 'current'), 'utf8'), 10);
  const [, ...body] = readFileSync(join(store, 'generations', String(number)), 'utf8').split('\n');
  const { index, objects } = JSON.parse(body.join('\n')) as {
    index: { sha256: string; size: number };
    objects: { path: string; sha256: string; size: number }[];
  };
  return { number, blobs: [{ path: 'server.ini', ...index }, ...objects] };
}

/** Bytes of all blobs and of the downloads that are at rest: what the books must say. */
export function bytesOn(store: string): number {
  const files = globSync(['blobs/*/*', 'parts/*'], { cwd: store }).filter((file) => !file.endsWith('.note'));
  const sizes = files
    .flatMap((file) => unlessGone(() => [lstatSync(join(store, file))]))
    .map((stats) => (stats.isFile() ? stats.size : 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Names of unfinished files. */
export function temporariesOn(store: string): string[] {
  const folder = join(store, 'tmp');
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** What `look` finds; nothing where the file went between the listing and the look. */
function unlessGone<T>(look: () => T[]): T[] {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
