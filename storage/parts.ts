import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import type { PartNote } from '../src/ports/store.ts';
import { bootId } from './boot-id.ts';
import { writeDurably } from './durable-write.ts';
import { FILE_MODE, type Layout, partNotePath, partPath } from './layout.ts';
import type { Ledger } from './ledger.ts';
import { decodeLines, encodeLine } from './object-lines.ts';
import { closingUnless, openPlainFile, readPlainFile } from './plain-file.ts';
import { naming } from './system-error.ts';

const NullableText = Type.Union([Type.String(), Type.Null()]);

/** The note beside a part. */
const NOTE = Type.Object({
  part: Type.String(),
  /** While this kernel runs, all that was written is there, synced or not: a killed process loses nothing. */
  boot: Type.String(),
  /** Bytes that a power cut leaves. */
  synced: Type.Integer({ minimum: 0 }),
  source: Type.String(),
  etag: NullableText,
  lastModified: NullableText,
});
type Note = Static<typeof NOTE>;

/** A part that somebody writes on. */
export interface OpenPart {
  readonly file: FileHandle;
  readonly path: string;
  /** Bytes it has already, of which `note` tells where they are from. */
  readonly size: number;
  readonly note: PartNote | null;
  /** Durable when it resolves. `synced`: bytes that are on the disk for good. */
  write(note: PartNote, synced: number): Promise<void>;
  /** Its bytes became a blob, or are worth nothing: nothing is left of it. */
  remove(): Promise<void>;
  /** Somebody else may go on with its `size` bytes. */
  rest(size: number): void;
}

/** Downloads that have begun and are in nobody's hands, with all that is needed to go on with them. */
export interface Parts {
  /** Takes the part of this name into one pair of hands; a new one where there is none. */
  open(part: string): Promise<OpenPart>;
  /** Those at rest, the oldest first. Bytes. */
  resting(): readonly { readonly name: string; readonly bytes: number }[];
  /** Deletes one at rest; answers its bytes, 0 where it does not rest any more. */
  remove(part: string): Promise<number>;
}

/** `found`: the bytes of each part at the start, by name; the ledger counts them already. */
export function createParts(layout: Layout, ledger: Ledger, found: ReadonlyMap<string, number>): Parts {
  const resting = new Map(found);
  /** Settle when the files are gone, or could not be deleted. */
  const removals = new Map<string, Promise<void>>();
  const removeFiles = async (part: string): Promise<void> => {
    const path = partPath(layout, part);
    await naming(path, () => rm(path, { force: true }));
    await naming(path, () => rm(partNotePath(layout, part), { force: true }));
  };

  const openFiles = async (part: string): Promise<OpenPart> => {
    const path = partPath(layout, part);
    const known = await readNote(layout, part);
    const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
    return naming(path, async () => {
      const file = await open(path, O_RDWR | O_CREAT | O_NOFOLLOW, FILE_MODE);
      const size = await closingUnless(file, async () => {
        const trustworthy = known === null ? 0 : Math.min((await file.stat()).size, trusted(known));
        await file.truncate(trustworthy);
        return trustworthy;
      });
      return {
        file,
        path,
        size,
        note: size > 0 ? known : null,
        async write({ source, etag, lastModified }, synced) {
          const note: Note = { part, boot: bootId(), synced, source, etag, lastModified };
          await writeDurably(layout, partNotePath(layout, part), Buffer.from(encodeLine(note)));
        },
        remove: () => removeFiles(part),
        rest(bytes) {
          resting.set(part, bytes);
          ledger.book(bytes);
        },
      };
    });
  };

  return {
    async open(part) {
      // What is about to be deleted under this name must not be taken for what is opened.
      await removals.get(part);
      const bytes = resting.get(part);
      resting.delete(part);
      try {
        const opened = await openFiles(part);
        ledger.book(-(bytes ?? 0));
        return opened;
      } catch (error) {
        if (bytes !== undefined) resting.set(part, bytes);
        throw error;
      }
    },
    resting: () => [...resting].map(([name, bytes]) => ({ name, bytes })),
    async remove(part) {
      const bytes = resting.get(part);
      // Somebody goes on with it.
      if (bytes === undefined) return 0;
      resting.delete(part);
      const removal = removeFiles(part);
      const settled = removal.catch(() => {}).finally(() => removals.delete(part));
      removals.set(part, settled);
      try {
        await removal;
      } catch (error) {
        resting.set(part, bytes);
        throw error;
      }
      ledger.book(-bytes);
      return bytes;
    },
  };
}

/** Bytes of a part that are what was written there. */
function trusted({ boot, synced }: Note): number {
  return boot !== '' && boot === bootId() ? Infinity : synced;
}

async function readNote(layout: Layout, part: string): Promise<Note | null> {
  const note = await readNoteAt(partNotePath(layout, part));
  return note?.part === part ? note : null;
}

async function readNoteAt(path: string): Promise<Note | null> {
  const read = await readPlainFile(path);
  const [note] = 'reason' in read ? [] : decodeLines(NOTE, read.bytes.toString()).objects;
  return note ?? null;
}

/** What an earlier process left, by name and bytes on disk. What cannot be gone on with is deleted. Throws the errors of `naming`. */
export async function recoverParts(layout: Layout): Promise<ReadonlyMap<string, number>> {
  const parts = new Map<string, number>();
  const names = new Set(await naming(layout.parts, () => readdir(layout.parts)));
  for (const name of names) {
    const note = name.endsWith('.note') ? await readNoteAt(join(layout.parts, name)) : null;
    const path = note && partPath(layout, note.part);
    const opened = path && partNotePath(layout, note.part) === join(layout.parts, name) && (await openPlainFile(path));
    if (!opened || 'reason' in opened) continue;
    await opened.file.close();
    parts.set(note.part, opened.size);
  }
  const kept = new Set([...parts.keys()].flatMap((part) => [partPath(layout, part), partNotePath(layout, part)]));
  for (const name of names) {
    const path = join(layout.parts, name);
    if (!kept.has(path)) await naming(path, () => rm(path, { recursive: true, force: true }));
  }
  return parts;
}
