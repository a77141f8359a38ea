import { cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { Store } from '../../src/ports/store.ts';
import { openStore, type StoreOptions } from '../../storage/open-store.ts';

export const MIB = 1024 * 1024;

/** A folder of its own for a test, gone afterwards. */
export function temporaryFolder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'relay-store-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Opens a store with room enough; closed when the test ends. */
export async function openAt(t: Test, path: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ path, maxSize: 64 * MIB, minFree: 0, keepGenerations: 3, ...options });
  t.teardown(() => store.close());
  return store;
}

/** The path of a blob's file. Written out here: where it lies is a promise to other versions of the relay. */
export const blobFile = (root: string, sha256: string): string => join(root, 'blobs', sha256.slice(0, 2), sha256);

/** Bytes of all blobs and parts, and the names under `tmp`: what the ledger and a sweep must agree with. */
export function onDisk(root: string): { readonly bytes: number; readonly temporaries: string[] } {
  const blobs = readdirSync(join(root, 'blobs'), { recursive: true, encoding: 'utf8' }).map((name) => `blobs/${name}`);
  const parts = readdirSync(join(root, 'parts')).flatMap((name) => (name.endsWith('.note') ? [] : `parts/${name}`));
  const sizes = [...blobs, ...parts]
    .map((name) => lstatSync(join(root, name)))
    .map((it) => (it.isFile() ? it.size : 0));
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), temporaries: readdirSync(join(root, 'tmp')) };
}

/** Replaces some names of one store by those of another: the folder as it was between two steps. */
export function transplant(from: string, to: string, names: readonly string[]): void {
  for (const name of names) {
    rmSync(join(to, name), { recursive: true, force: true });
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name), { recursive: true });
  }
}
