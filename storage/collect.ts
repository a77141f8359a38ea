import type { StagedObject } from '../src/ports/store.ts';
import type { DiskBlobs } from './blob-store.ts';
import type { DiskGenerations } from './generation-store.ts';
import type { ObjectList } from './object-list.ts';
import type { DiskFills, DiskResponses } from './recently-used.ts';
import { retired } from './retention.ts';

export interface CollectionParts {
  readonly blobs: DiskBlobs;
  readonly generations: DiskGenerations;
  readonly staging: ObjectList<StagedObject>;
  readonly fills: DiskFills;
  readonly responses: DiskResponses;
  readonly keep: number;
}

/**
 * Retires old generations, then deletes the blobs that no remaining generation, staged object, fill, stored response, reader or writer
 * holds.
 * In this order a death in between leaves blobs without a generation, which waste space until the next time,
 * never a generation without its blobs. What fails is skipped, so that one bad file does not keep the rest for ever;
 * the first failure is thrown when all else is done. Answers the bytes freed.
 */
export async function collect(parts: CollectionParts, pinned: ReadonlySet<number>): Promise<number> {
  const { generations, keep } = parts;
  const failures: unknown[] = [];
  const attempt = (task: Promise<number>): Promise<number> =>
    task.catch((error: unknown) => {
      failures.push(error);
      return 0;
    });

  const whole = generations.list().map(({ number }) => number);
  const current = generations.current()?.number;
  for (const number of retired({ whole, refused: generations.refused(), current, pinned, keep })) {
    await attempt(generations.retire(number).then(() => 0));
  }

  let freed = 0;
  for (const sha256 of unheld(parts)) freed += await attempt(parts.blobs.remove(sha256));
  if (failures.length > 0) throw failures[0];
  return freed;
}

/** Blobs that nothing holds. Each is judged when it is asked for: while one is deleted, readers and writers go on. */
export function* unheld({ blobs, generations, ...others }: Omit<CollectionParts, 'keep'>): Generator<string> {
  const lists = [others.staging, others.fills, others.responses];
  const listed = new Set(generations.list().flatMap(({ index, objects }) => [index, ...objects].map(blobName)));
  for (const { sha256 } of blobs.list()) {
    const held = listed.has(sha256) || lists.some((list) => list.holds(sha256)) || blobs.isHeld(sha256);
    if (!held) yield sha256;
  }
}

const blobName = ({ sha256 }: { readonly sha256: string }): string => sha256;
