import { LRUCache } from 'lru-cache';
import type { Blob, BlobStore } from '../ports/store.ts';
import type { BodyReader } from './answer.ts';
import type { HotMemory } from './hot-memory.ts';
import { loadInto } from './load-into.ts';
import { matchesName } from './matches-name.ts';

/** Bytes. Up to here a blob is answered from memory: nearly all incrementals and all signatures are smaller (docs/protocol.md §4). */
const SMALL = 1024 * 1024;

/** Large blobs remembered as proven. A generation has some twenty. */
const MOST_PROVEN = 4096;

/** The bytes behind representations: small ones and hot ones from memory, others as an open reader. */
export interface Contents {
  /** Whoever gets a reader closes it. Throws RLY_STORAGE_BLOB_BROKEN. */
  get(blob: Blob): Buffer | Promise<Buffer | BodyReader>;
}

export interface ContentsOptions {
  readonly blobs: Pick<BlobStore, 'open' | 'read'>;
  /** Bytes of small blobs kept. */
  readonly memory: number;
  /** For large ones. */
  readonly hot: HotMemory;
}

/**
 * Nothing leaves whose hash was not checked (SECURITY.md, duty 2): small blobs are read whole and kept, `memory`
 * bytes of them at most; large ones are proven at their first use since the start. Either is done once, however many
 * ask at the same time.
 */
export function createContents({ blobs, memory, hot }: ContentsOptions): Contents {
  const small = new LRUCache<string, Buffer, Blob>({
    maxSize: Math.max(memory, 1), // 0 would mean "no limit"
    sizeCalculation: (bytes) => Math.max(bytes.length, 1),
    fetchMethod: (_sha256, _stale, { context }) => blobs.read(context),
    // Evicted while it is being read: those who wait for it still get it.
    ignoreFetchAbort: true,
  });
  const proven = new LRUCache<string, Blob, Blob>({
    max: MOST_PROVEN,
    async fetchMethod(_sha256, _stale, { context }) {
      await using reader = await blobs.open(context);
      // The store has the last word: its own check also puts away what is damaged.
      if (!(await matchesName(reader))) await blobs.read(context);
      return context;
    },
    ignoreFetchAbort: true,
  });
  const loading = new Set<string>();

  async function openProven(blob: Blob): Promise<BodyReader> {
    await proven.forceFetch(blob.sha256, { context: blob });
    warm(blob);
    const reader = await blobs.open(blob);
    // Of many who ask at once the first ones find nothing in memory, and go on from there when it has come.
    return Object.assign(reader, {
      slice: (start: number, end: number) => hot.peek(blob.sha256)?.subarray(start, end),
    });
  }

  /** Brings a blob that is asked for often into memory, for those who come next. That it cannot be read is told to whoever reads it. */
  function warm(blob: Blob): void {
    if (loading.has(blob.sha256)) return;
    const claim = hot.admit(blob.sha256, blob.size);
    if (!claim) return;
    loading.add(blob.sha256);
    const over = (): void => void loading.delete(blob.sha256);
    loadInto(claim, blob, blobs).then(over, over);
  }

  return {
    get(blob) {
      if (blob.size > SMALL) return hot.get(blob.sha256) ?? openProven(blob);
      return small.get(blob.sha256) ?? small.forceFetch(blob.sha256, { context: blob });
    },
  };
}
