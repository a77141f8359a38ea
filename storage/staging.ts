import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { StagedObject, Staging } from '../src/ports/store.ts';
import { writeDurably } from './durable-write.ts';
import { FILE_MODE, type Layout } from './layout.ts';
import { serial } from './serial.ts';
import { encodeStaged } from './staging-file.ts';
import { naming } from './system-error.ts';

/** The staging as the rest of the store sees it. */
export interface DiskStaging extends Staging {
  /** Whether a staged object has this blob. */
  holds(sha256: string): boolean;
}

/** `found`: what was staged at start. `mentioned` is told the blob of each object once it is durable. */
export function createStaging(
  layout: Layout,
  found: readonly StagedObject[],
  mentioned: (sha256: string) => void,
): DiskStaging {
  const inTurn = serial();
  let objects = found;
  return {
    list: () => objects,
    holds: (sha256) => objects.some((object) => object.sha256 === sha256),
    add: (object) =>
      inTurn(async () => {
        await naming(layout.staging, () => append(layout.staging, encodeStaged(object)));
        objects = [...objects, object];
        mentioned(object.sha256);
      }),
    retain: (keep) =>
      inTurn(async () => {
        const kept = objects.filter(keep);
        if (kept.length === objects.length) return;
        await writeStaging(layout, kept);
        objects = kept;
      }),
  };
}

/** Replaces the whole file, which is made here: an append then needs no fsync of the folder. */
export async function writeStaging(layout: Layout, objects: readonly StagedObject[]): Promise<void> {
  await writeDurably(layout, layout.staging, Buffer.from(objects.map(encodeStaged).join('')));
}

async function append(path: string, text: string): Promise<void> {
  const { O_WRONLY, O_APPEND, O_NOFOLLOW } = constants;
  await using file = await open(path, O_WRONLY | O_APPEND | O_NOFOLLOW, FILE_MODE);
  await file.appendFile(text);
  await file.sync();
}
