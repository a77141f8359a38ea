import { Type, type Static } from 'typebox';
import { checkedJson } from './checked-json.ts';
import { writeDurably } from './durable-write.ts';
import { layoutOf } from './layout.ts';
import { readPlainFile } from './plain-file.ts';

const NOTE = Type.Object({
  /** When the last walk that came to its end had begun; ms since the epoch. */
  lastWalk: Type.Union([Type.Integer(), Type.Null()]),
  /** The walk that was broken off: when it had begun, and the last blob it looked at. */
  unfinished: Type.Union([Type.Object({ begunAt: Type.Integer(), after: Type.String() }), Type.Null()]),
});

/** What the scrubber knows over a restart. */
export type ScrubNote = Static<typeof NOTE>;

const NOTHING: ScrubNote = { lastWalk: null, unfinished: null };

/** Never throws: where the note cannot be read, the walk begins anew. */
export async function readScrubNote(path: string): Promise<ScrubNote> {
  try {
    const found = await readPlainFile(layoutOf(path).scrub);
    const checked = 'bytes' in found ? checkedJson(NOTE, found.bytes.toString()) : found;
    return 'value' in checked ? checked.value : NOTHING;
  } catch {
    return NOTHING;
  }
}

/** Never throws: a note that cannot be written costs a walk, and keeps nobody from serving. */
export async function writeScrubNote(path: string, note: ScrubNote): Promise<void> {
  const layout = layoutOf(path);
  await writeDurably(layout, layout.scrub, Buffer.from(`${JSON.stringify(note)}\n`)).catch(() => {});
}
