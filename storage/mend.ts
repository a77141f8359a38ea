import type { Generation } from '../src/ports/generation.ts';
import type { DiskBlobs } from './blob-store.ts';
import { readCurrent, writeCurrent } from './current-pointer.ts';
import { writeDurably } from './durable-write.ts';
import { decodeGeneration, encodeGeneration } from './generation-file.ts';
import type { DiskGenerations } from './generation-store.ts';
import { generationPath, type Layout } from './layout.ts';
import { readPlainFile } from './plain-file.ts';

export interface MendingParts {
  readonly layout: Layout;
  readonly generations: DiskGenerations;
  readonly blobs: Pick<DiskBlobs, 'has'>;
}

/**
 * `Store.mend` of the port. What this process knows is right: it was checked when it was read or written. Without a current
 * generation the refused ones stay: what they list may be all that tells what the blobs are.
 */
export async function mend({ layout, generations, blobs }: MendingParts, pinned: ReadonlySet<number>): Promise<void> {
  for (const generation of generations.list()) await rewriteWhereDamaged(layout, generation);
  const current = generations.current();
  if (current === undefined) return;
  const pointer = await readCurrent(layout);
  if (!('value' in pointer) || pointer.value !== current.number) await writeCurrent(layout, current.number);
  for (const number of generations.refused()) await generations.retire(number);
  for (const generation of generations.list()) {
    const { number } = generation;
    const inUse = number === current.number || pinned.has(number);
    if (!inUse && !(await isWhole(generation, blobs))) await generations.retire(number);
  }
}

async function rewriteWhereDamaged(layout: Layout, generation: Generation): Promise<void> {
  const path = generationPath(layout, generation.number);
  const found = await readPlainFile(path);
  if ('bytes' in found && 'value' in decodeGeneration(found.bytes, generation.number)) return;
  await writeDurably(layout, path, encodeGeneration(generation));
}

async function isWhole({ index, objects }: Generation, blobs: MendingParts['blobs']): Promise<boolean> {
  for (const blob of [index, ...objects]) if (!(await blobs.has(blob))) return false;
  return true;
}
