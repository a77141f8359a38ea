import type { ContentMemory, MemoryClaim } from '../ports/memory.ts';
import { createPopularity } from './popularity.ts';

/** Requests after which a content is worth its memory: the first may be the only one. */
const WORTH_IT = 2;

/** Whole contents that are asked for often, in memory: from there a large one costs half of what reading it again does. */
export interface HotMemory extends ContentMemory {
  /** The content, if it is here; counts a request for it. */
  get(sha256: string): Buffer | undefined;
  /** The same without counting. */
  peek(sha256: string): Buffer | undefined;
  /** Counts a request for a content that is not here; memory to bring it into, where it is asked for often enough by now. */
  admit(sha256: string, bytes: number): MemoryClaim | undefined;
}

/**
 * `budget` bytes of it. Only what is asked for more often than everything it would displace comes in, so a large file that somebody
 * reads once displaces nothing.
 */
export function createHotMemory(budget: number): HotMemory {
  const popularity = createPopularity();
  /** Least recently used first. */
  const contents = new Map<string, Buffer>();
  let taken = 0;

  /** Names of what would have to go for so many bytes; undefined where that is not enough, or is asked for as often. */
  function displaced(bytes: number, asked: number): string[] | undefined {
    const names: string[] = [];
    let free = budget - taken;
    for (const [name, content] of contents) {
      if (free >= bytes) break;
      if (popularity.of(name) >= asked) continue;
      names.push(name);
      free += content.length;
    }
    return free >= bytes ? names : undefined;
  }

  function claimFor(bytes: number, asked: number): MemoryClaim | undefined {
    const names = displaced(bytes, asked);
    if (!names) return undefined;
    for (const name of names) {
      taken -= contents.get(name)?.length ?? 0;
      contents.delete(name);
    }
    taken += bytes;
    let open = true;
    return {
      // Not of V8's pool: a buffer of this size comes from the system, and goes back to it.
      buffer: Buffer.allocUnsafeSlow(bytes),
      keep(sha256) {
        if (!open) return;
        if (contents.has(sha256)) this.release();
        else contents.set(sha256, this.buffer);
        open = false;
      },
      release() {
        if (open) taken -= bytes;
        open = false;
      },
    };
  }

  return {
    peek: (sha256) => contents.get(sha256),
    get(sha256) {
      const content = contents.get(sha256);
      if (!content) return undefined;
      popularity.asked(sha256);
      contents.delete(sha256);
      contents.set(sha256, content);
      return content;
    },
    admit(sha256, bytes) {
      const asked = popularity.asked(sha256);
      return asked >= WORTH_IT ? claimFor(bytes, asked) : undefined;
    },
    // Somebody waits for it, and that is all that is known of it.
    claim: (bytes) => claimFor(bytes, 1),
  };
}
