import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Blob } from '../src/ports/store.ts';
import { writeDurably } from './durable-write.ts';
import { FILE_MODE, type Layout } from './layout.ts';
import { encodeLine } from './object-lines.ts';
import { serial } from './serial.ts';
import { naming } from './system-error.ts';

/** Objects that a file lists, a line each: what is staged, what came on demand. */
export interface ObjectList<T extends Blob> {
  list(): readonly T[];
  /** Whether one of them has this blob. */
  holds(sha256: string): boolean;
  /** Durable when it resolves. */
  add(object: T): Promise<void>;
  /** One of them in place of another with the same blob: in memory at once, in the file when it is next written. */
  renew(before: T, after: T): void;
  /** Forgets those for which `keep` is false. */
  retain(keep: (object: T) => boolean): Promise<void>;
  /** Writes what only memory has. */
  flush(): Promise<void>;
}

/**
 * The list in the file at `path`, which is there. `found`: what was in it at the start. `mentioned` is told the blob of each
 * object once it is durable.
 */
export function createObjectList<T extends Blob>(
  layout: Layout,
  path: string,
  found: readonly T[],
  mentioned: (sha256: string) => void,
): ObjectList<T> {
  const inTurn = serial();
  let objects = found;
  let renewed = false;
  /** Those that wait for their turn, and what becomes of them: one sync for all that came while another was under way. */
  let gathering: { readonly batch: T[]; readonly durable: Promise<void> } | null = null;

  const gather = (): NonNullable<typeof gathering> => {
    const batch: T[] = [];
    const durable = inTurn(async () => {
      gathering = null;
      await appendDurably(path, batch.map(encodeLine).join(''));
      objects = [...objects, ...batch];
      for (const { sha256 } of batch) mentioned(sha256);
    });
    return { batch, durable };
  };

  return {
    list: () => objects,
    holds: (sha256) => objects.some((object) => object.sha256 === sha256),
    add(object) {
      gathering ??= gather();
      gathering.batch.push(object);
      return gathering.durable;
    },
    renew(before, after) {
      objects = objects.map((object) => (object === before ? after : object));
      renewed = true;
    },
    retain: (keep) =>
      inTurn(async () => {
        const kept = objects.filter(keep);
        if (kept.length === objects.length) return;
        renewed = false;
        await writeObjectList(layout, path, kept);
        // Filtered again: one may have been renewed meanwhile.
        objects = objects.filter(keep);
      }),
    flush: () =>
      inTurn(async () => {
        if (!renewed) return;
        renewed = false;
        await writeObjectList(layout, path, objects);
      }),
  };
}

/** Replaces the whole file, which is made here: an append then needs no fsync of the folder. */
export async function writeObjectList(layout: Layout, path: string, objects: readonly object[]): Promise<void> {
  await writeDurably(layout, path, Buffer.from(objects.map(encodeLine).join('')));
}

/** Appends to a file that is there, and is durable when it resolves. Throws the errors of `naming`. */
export async function appendDurably(path: string, text: string): Promise<void> {
  await naming(path, () => append(path, text));
}

async function append(path: string, text: string): Promise<void> {
  const { O_WRONLY, O_APPEND, O_NOFOLLOW } = constants;
  await using file = await open(path, O_WRONLY | O_APPEND | O_NOFOLLOW, FILE_MODE);
  await file.appendFile(text);
  await file.sync();
}
