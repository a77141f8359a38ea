import { lstat, mkdir, rm } from 'node:fs/promises';
import type { Blob, BlobReader, BlobStore } from '../src/ports/store.ts';
import { broken, openBlobReader } from './blob-reader.ts';
import { blobWriter, type Adopt } from './blob-writer.ts';
import { checksum } from './checksum.ts';
import { createFile, discard, moveOver, syncFolder } from './durable-write.ts';
import { createHolds } from './holds.ts';
import { blobFolder, blobPath, FOLDER_MODE, isSha256, type Layout, temporaryPath } from './layout.ts';
import type { Ledger } from './ledger.ts';
import type { Parts } from './parts.ts';
import { UNREADABLE } from './plain-file.ts';
import { naming } from './system-error.ts';

/** The blob store as the rest of the store sees it. */
export interface DiskBlobs extends BlobStore {
  /** Every blob on disk with its size in bytes. */
  list(): Iterable<Blob>;
  /** Whether a reader has it open, or a writer brought it and nothing mentions it yet. */
  isHeld(sha256: string): boolean;
  /** Staging mentions this blob: from now on that is what holds it. */
  readonly mentioned: (sha256: string) => void;
  /** A generation was published: what writers brought and it does not mention is held no more. */
  allMentioned(): void;
  /** Deletes a blob; answers the bytes freed. */
  remove(sha256: string): Promise<number>;
}

/** `reserve`: makes room first, where it is lacking. `atStart`: the blobs on disk, with their sizes. */
export function createBlobStore(
  layout: Layout,
  { book, reserve }: Pick<Ledger, 'book' | 'reserve'>,
  parts: Parts,
  atStart: ReadonlyMap<string, number>,
): DiskBlobs {
  const sizes = new Map(atStart);
  const open = createHolds();
  /** Committed by this process and mentioned nowhere: between a commit and its mention, collection must not take it. */
  const fresh = new Set<string>();
  /** On bad sectors: as good as gone, until they come anew. */
  const unreadable = new Set<string>();
  /** How often each came: who reads the file of before has nothing to say about that of now. */
  const arrivals = new Map<string, number>();
  /** Settle when the file is gone, or could not be deleted. */
  const removals = new Map<string, Promise<void>>();
  const folders = new Set<string>();

  const came = ({ sha256, size }: Blob): void => {
    book(size - (sizes.get(sha256) ?? 0));
    sizes.set(sha256, size);
    arrivals.set(sha256, (arrivals.get(sha256) ?? 0) + 1);
    unreadable.delete(sha256);
  };

  const went = (sha256: string): number => {
    const size = sizes.get(sha256) ?? 0;
    book(-size);
    sizes.delete(sha256);
    unreadable.delete(sha256);
    return size;
  };

  const makeFolder = async (path: string): Promise<void> => {
    if (folders.has(path)) return;
    await mkdir(path, { mode: FOLDER_MODE, recursive: true });
    await syncFolder(layout.blobs);
    folders.add(path);
  };

  const has = async ({ sha256, size }: Blob): Promise<boolean> =>
    isSha256(sha256) && !unreadable.has(sha256) && (await regularSize(blobPath(layout, sha256))) === size;

  const remove = async (sha256: string): Promise<number> => {
    const path = blobPath(layout, sha256);
    const removal = naming(path, () => rm(path, { force: true }));
    const settled = removal.catch(() => {}).finally(() => removals.delete(sha256));
    removals.set(sha256, settled);
    await removal;
    return went(sha256);
  };

  const adopt: Adopt = async (temporary, blob, reservation, announce) => {
    const path = blobPath(layout, blob.sha256);
    const folder = blobFolder(layout, blob.sha256);
    fresh.add(blob.sha256);
    await announce?.(blob);
    await removals.get(blob.sha256);
    await naming(folder, () => makeFolder(folder));
    const known = await has(blob);
    if (known) await discard(temporary);
    else await naming(path, () => moveOver(layout, temporary, path), blob.size);
    reservation.release();
    came(blob);
    try {
      await naming(folder, () => syncFolder(folder));
    } catch (error) {
      if (!known) await remove(blob.sha256);
      throw error;
    }
  };

  const openReader = async (blob: Blob): Promise<BlobReader> => {
    const { sha256 } = blob;
    if (!isSha256(sha256)) throw broken(blob, 'is not named by a SHA-256');
    if (unreadable.has(sha256)) throw broken(blob, UNREADABLE);
    const release = open.hold(sha256);
    const arrival = arrivals.get(sha256);
    try {
      return await openBlobReader(blobPath(layout, sha256), blob, {
        onUnreadable() {
          if (arrivals.get(sha256) === arrival) unreadable.add(sha256);
        },
        onClose: release,
      });
    } catch (error) {
      release();
      throw error;
    }
  };

  return {
    async create(bytes, { exact = false, part: name } = {}) {
      const path = temporaryPath(layout);
      // Before there is room for it: a part in somebody's hands does not go to make some.
      const part = name === undefined ? undefined : await parts.open(name);
      const reservation = await reserve({ bytes, here: part?.size ?? 0 }).catch(async (error: unknown) => {
        await part?.file.close().catch(() => {});
        part?.rest(part.size);
        throw error;
      });
      try {
        const file = part?.file ?? (await naming(path, () => createFile(path)));
        return await blobWriter({ file, path: part?.path ?? path, part, reservation, exact, adopt });
      } catch (error) {
        await part?.file.close().catch(() => {});
        await part?.remove().catch(() => {});
        reservation.release();
        throw error;
      }
    },
    has,
    open: openReader,
    async read(blob) {
      await using reader = await openReader(blob);
      const bytes = Buffer.allocUnsafeSlow(blob.size);
      await reader.read(bytes, 0);
      const found = checksum(bytes);
      if (found === blob.sha256) return bytes;
      // Gone, it counts as missing, and the next update fetches it again; left, it would lie under a good name for ever.
      await remove(blob.sha256);
      throw broken(blob, `has the hash ${found}`);
    },
    async retainParts(keep) {
      for (const { name } of parts.resting()) if (!keep(name)) await parts.remove(name);
    },
    *list() {
      for (const [sha256, size] of sizes) yield { sha256, size };
    },
    isHeld: (sha256) => open.has(sha256) || fresh.has(sha256),
    mentioned: (sha256) => void fresh.delete(sha256),
    allMentioned: () => fresh.clear(),
    remove,
  };
}

/** The size of the regular file at `path`; undefined when there is none. Never follows a link. */
async function regularSize(path: string): Promise<number | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isFile() ? stats.size : undefined;
}
