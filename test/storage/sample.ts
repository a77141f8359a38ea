import { createHash } from 'node:crypto';
import type { GenerationDraft, GenerationObject } from '../../src/ports/generation.ts';
import type { Blob, BlobStore, Fill, StagedObject, StoredResponse } from '../../src/ports/store.ts';

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes as unlike as their names; `size` of them. */
export function bytesOf(name: string, size = 1000): Buffer {
  return createHash('shake256', { outputLength: size }).update(name).digest();
}

/** Brings bytes into the store as the mirror does. */
export async function put(blobs: BlobStore, bytes: Uint8Array): Promise<Blob> {
  const writer = await blobs.create(bytes.length, { exact: true });
  await writer.write(bytes);
  return writer.commit();
}

export const objectOf = (path: string, { sha256, size }: Blob): GenerationObject => ({
  path,
  kind: 'pattern',
  component: 'P.4',
  version: '1724100',
  size,
  sha256,
  proof: 'structure',
  source: 'http://127.0.0.1/officescan/download',
  fetchedAt: '2026-11-22T20:00:00.000Z',
});

export const stagedOf = (path: string, blob: Blob, index = '0'.repeat(64)): StagedObject => ({
  ...objectOf(path, blob),
  index,
});

export const fillOf = (identity: string, blob: Blob): Fill => ({ ...objectOf(`pattern/${identity}`, blob), identity });

export const responseOf = (key: string, { sha256, size }: Blob): StoredResponse => ({
  key,
  path: key.toUpperCase(),
  kind: 'hotfix',
  proof: 'size',
  size,
  sha256,
  source: 'http://127.0.0.1/officescan',
  fetchedAt: '2026-11-22T20:00:00.000Z',
  checkedAt: '2026-11-22T20:00:00.000Z',
  fields: { etag: '"1"', 'cache-control': 'max-age=60' },
});

export const draftOf = (index: Blob, objects: readonly GenerationObject[]): GenerationDraft => ({
  source: 'http://127.0.0.1/officescan/download',
  index: { ...index, etag: null, lastModified: 'Sun, 22 Nov 2026 20:00:00 GMT' },
  objects,
  onDemand: [],
  absent: [],
});

/** Brings an index and objects named after `names` into the store, and answers the draft over them. */
export async function draftIn(blobs: BlobStore, index: string, names: readonly string[]): Promise<GenerationDraft> {
  const objects: GenerationObject[] = [];
  for (const name of names) objects.push(objectOf(`pattern/${name}`, await put(blobs, bytesOf(name))));
  return draftOf(await put(blobs, bytesOf(index)), objects);
}

export const PUBLISHED_AT = new Date('2026-11-22T21:00:00.000Z');
