import { hash } from 'node:crypto';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { STAGED_OBJECT } from '../../storage/checked-json.ts';
import { decodeLines } from '../../storage/object-lines.ts';
import type { StagedObject } from '../../src/ports/store.ts';

// The folder of a store whose relay is dead, looked at without a store: opening one would mend it.

/** The blobs: name of the file, hash of its content. */
export function blobsOn(store: string): Map<string, string> {
  const files = globSync('blobs/*/*', { cwd: store });
  return new Map(files.map((file) => [basename(file), hash('sha256', readFileSync(join(store, file)))]));
}

/** What an update that died had brought home: noted in the staging, and its blob is there. */
export function stagedOn(store: string): StagedObject[] {
  const blobs = blobsOn(store);
  const { objects } = decodeLines(STAGED_OBJECT, readFileSync(join(store, 'staging'), 'utf8'));
  return objects.filter(({ sha256 }) => blobs.has(sha256));
}

/** Names of unfinished files. */
export function temporariesOn(store: string): string[] {
  const folder = join(store, 'tmp');
  return existsSync(folder) ? readdirSync(folder) : [];
}
