import { isRelayError } from '../errors/relay-error.ts';
import { SIGNATURE_LIMIT } from '../manifest/path.ts';
import type { MemoryClaim } from '../ports/memory.ts';
import type { BlobStore } from '../ports/store.ts';
import { type FetchItem, identityOf } from './fetch-item.ts';
import { followedWriter } from './followed-writer.ts';
import { memoryWriter } from './memory-writer.ts';
import { passingWriter, type PassingWriter } from './passing-writer.ts';

/** Bytes from which on a download is a part that outlives the process: below, its two more fsyncs cost more than the bytes. */
export const PART_FROM = 1024 * 1024;

/**
 * Where the bytes of an object go: to the disk, or where that has no room for them, or none any more, to `claim`, if there is
 * one. Throws RLY_STORAGE_*.
 */
export async function openWriter(
  item: FetchItem,
  blobs: BlobStore,
  claim: MemoryClaim | undefined,
): Promise<PassingWriter> {
  const size = item.size ?? SIGNATURE_LIMIT;
  const part = size >= PART_FROM && item.size !== null ? identityOf(item) : undefined;
  try {
    const writer = followedWriter(await blobs.create(size, { exact: item.size !== null, part }), blobs);
    return claim ? passingWriter(writer, claim.buffer) : { writer, isOnDisk: () => true };
  } catch (error) {
    if (!claim || !isRelayError(error) || error.fault !== 'storage') throw error;
    return { writer: memoryWriter(claim.buffer), isOnDisk: () => false };
  }
}
