import type { NoteName, Notes } from '../src/ports/notes.ts';
import { writeDurably } from './durable-write.ts';
import type { Layout } from './layout.ts';
import { encodeLine } from './object-lines.ts';
import { serial } from './serial.ts';

/** The notes as the rest of the store sees them. */
export interface DiskNotes extends Notes {
  /** Resolves when nothing is being written any more. What is to be kept later is not: the store is no longer ours. */
  close(): Promise<void>;
}

/**
 * `found`: what was noted at start, by name. All of it is one file, a line a note, which is written anew each time: they are few
 * and small, and a line that is damaged costs no other.
 */
export function createNotes(layout: Layout, found: ReadonlyMap<NoteName, unknown>): DiskNotes {
  /** As JSON: what is done to a value afterwards changes nothing. */
  const texts = new Map([...found].map(([name, value]) => [name, JSON.stringify(value)]));
  const inTurn = serial();
  let closed = false;
  /** A write that has not begun: it will see what comes until then. */
  let next: Promise<void> | null = null;

  const valueOf = (text: string): unknown => JSON.parse(text);

  const writeAll = (): Promise<void> =>
    inTurn(async () => {
      next = null;
      const lines = [...texts].map(([name, text]) => encodeLine({ name, value: valueOf(text) }));
      await writeDurably(layout, layout.notes, Buffer.from(lines.join('')));
    });

  return {
    read(name) {
      const text = texts.get(name);
      return text === undefined ? undefined : valueOf(text);
    },
    async write(name, value) {
      if (closed) return;
      texts.set(name, JSON.stringify(value));
      await (next ??= writeAll());
    },
    async close() {
      closed = true;
      await inTurn(async () => {});
    },
  };
}
