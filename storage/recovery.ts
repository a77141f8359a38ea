import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Static, TSchema } from 'typebox';
import { isRelayError } from '../src/errors/relay-error.ts';
import type { Generation } from '../src/ports/generation.ts';
import type { NoteName } from '../src/ports/notes.ts';
import type { Blob, Fill, RecoveryReport, SeenContent, StagedObject, StoredResponse } from '../src/ports/store.ts';
import { FILL, NOTE, SEEN_CONTENT, STAGED_OBJECT, STORED_RESPONSE, type Checked } from './checked-json.ts';
import { chooseCurrent } from './choose-current.ts';
import { readCurrent, writeCurrent } from './current-pointer.ts';
import { decodeGeneration } from './generation-file.ts';
import { generationPath, type Layout } from './layout.ts';
import { decodeLines } from './object-lines.ts';
import { writeObjectList } from './object-list.ts';
import { recoverParts } from './parts.ts';
import { IS_GONE, readPlainFile } from './plain-file.ts';
import { scanFolder } from './scan.ts';
import { naming } from './system-error.ts';

/** What a start found on disk, mended where it had to be. */
export interface Recovered {
  readonly report: RecoveryReport;
  readonly blobs: ReadonlyMap<string, number>;
  /** Those that are served, newest first. */
  readonly generations: readonly Generation[];
  readonly current: Generation | undefined;
  /** Above every number that was ever given to a file here. */
  readonly nextNumber: number;
  readonly staged: readonly StagedObject[];
  readonly fills: readonly Fill[];
  readonly responses: readonly StoredResponse[];
  /** Oldest first. */
  readonly identities: readonly SeenContent[];
  /** Bytes of the downloads that can be gone on with, by name. */
  readonly parts: ReadonlyMap<string, number>;
  readonly notes: ReadonlyMap<NoteName, unknown>;
}

/**
 * Makes the folder fit for use, whatever moment the last process died at, and never by a guess: temporaries go,
 * a generation is served only when its file and every blob of it are there, the pointer names one of those. Where there is none
 * that is whole, the newest that lacks only objects is: each of those is a miss, and all else of it is right.
 * Broken generations, unknown files and blobs nothing mentions are left where they are.
 */
export async function recover(layout: Layout): Promise<Recovered> {
  const swept = await sweep(layout);
  const scan = await scanFolder(layout);
  const whole: Generation[] = [];
  const damaged: Generation[] = [];
  const flawed: { number: number; reason: string }[] = [];
  for (const number of scan.generations) {
    const checked = await loadGeneration(layout, number);
    const reason = 'value' in checked ? lacks(checked.value, scan.blobs) : checked.reason;
    if (reason !== null) flawed.push({ number, reason: `it ${reason}` });
    if ('value' in checked) (reason === null ? whole : damaged).push(checked.value);
  }
  const lacking = whole.length > 0 ? undefined : damaged.find(({ index }) => isThere(index, scan.blobs));
  const served = lacking ? [lacking] : whole;

  const pointer = await readCurrent(layout);
  const { current, mended, unpublished } = chooseCurrent(pointer, served);
  if (current !== undefined && mended !== null) await unlessFull(() => writeCurrent(layout, current.number));
  for (const { number } of unpublished) {
    const path = generationPath(layout, number);
    await naming(path, () => rm(path));
  }

  const parts = await recoverParts(layout);
  const { notes, forgotten } = await recoverNotes(layout);
  return {
    report: {
      temporariesSwept: swept + unpublished.length,
      pointerMended: mended,
      generationsRefused: flawed.filter(({ number }) => number !== lacking?.number),
      generationLacking: flawed.find(({ number }) => number === lacking?.number) ?? null,
      blobs: scan.blobs.size,
      parts: parts.size,
      notesForgotten: forgotten,
      unknown: scan.unknown,
    },
    blobs: scan.blobs,
    generations: served.filter((generation) => !unpublished.includes(generation)),
    current,
    nextNumber: Math.max(0, ...scan.generations, 'value' in pointer ? pointer.value : 0) + 1,
    staged: await recoverStaging(layout, scan.blobs, current, damaged),
    fills: await recoverList(layout, layout.fills, FILL, (fill) => isThere(fill, scan.blobs)),
    responses: await recoverList(layout, layout.responses, STORED_RESPONSE, (response) =>
      isThere(response, scan.blobs),
    ),
    identities: await recoverList(layout, layout.identities, SEEN_CONTENT, () => true),
    parts,
    notes,
  };
}

async function sweep(layout: Layout): Promise<number> {
  const names = await naming(layout.temporaries, () => readdir(layout.temporaries));
  for (const name of names) {
    const path = join(layout.temporaries, name);
    await naming(path, () => rm(path, { recursive: true }));
  }
  return names.length;
}

async function loadGeneration(layout: Layout, number: number): Promise<Checked<Generation>> {
  const found = await readPlainFile(generationPath(layout, number));
  return 'reason' in found ? found : decodeGeneration(found.bytes, number);
}

/** What a generation is not whole for, or null. */
function lacks({ index, objects }: Generation, blobs: ReadonlyMap<string, number>): string | null {
  const [missing, ...others] = [{ ...index, path: 'its index' }, ...objects].filter((blob) => !isThere(blob, blobs));
  if (missing === undefined) return null;
  return `lacks ${missing.path} (blob ${missing.sha256}) and ${others.length} other objects`;
}

/**
 * What an unfinished update brought home and is still there. What the current generation has already is dropped:
 * the process died between the pointer and the emptying of the staging. A signature belongs to its index: with the same
 * bytes for a newer index it is one of the next update's, which would have to fetch it again.
 * What is left of a generation newer than the current one, which lost some of its blobs, is staged too: those bytes have crossed
 * the WAN, and an update that knew nothing of them would have them collected.
 */
async function recoverStaging(
  layout: Layout,
  blobs: ReadonlyMap<string, number>,
  current: Generation | undefined,
  damaged: readonly Generation[],
): Promise<StagedObject[]> {
  const listed = new Set(current?.objects.map(({ path, sha256 }) => `${sha256} ${path}`));
  const isPublished = ({ path, kind, sha256, index }: StagedObject): boolean =>
    listed.has(`${sha256} ${path}`) && (kind !== 'signature' || index === current?.index.sha256);
  const isOfUse = (object: StagedObject): boolean => isThere(object, blobs) && !isPublished(object);
  const staged = await recoverList(layout, layout.staging, STAGED_OBJECT, isOfUse);

  const known = new Set(staged.map(useOf));
  const left = damaged
    .filter(({ number }) => number > (current?.number ?? 0))
    .flatMap(({ index, objects }) => objects.map((object) => ({ ...object, index: index.sha256 })))
    .filter((object) => isOfUse(object) && !known.has(useOf(object)));
  if (left.length === 0) return staged;
  const all = [...staged, ...left];
  await unlessFull(() => writeObjectList(layout, layout.staging, all));
  return all;
}

const useOf = ({ path, sha256, index }: StagedObject): string => `${sha256} ${index} ${path}`;

/** What of a list is worth keeping; the file is made anew where that is not what it says. */
async function recoverList<S extends TSchema>(
  layout: Layout,
  path: string,
  schema: S,
  keep: (object: Static<S>) => boolean,
): Promise<Static<S>[]> {
  const found = await readPlainFile(path);
  const { objects, damaged } = decodeLines(schema, 'reason' in found ? '' : found.bytes.toString());
  const kept = objects.filter(keep);
  if ('reason' in found || damaged > 0 || kept.length < objects.length) {
    await unlessFull(() => writeObjectList(layout, path, kept));
  }
  return kept;
}

/** A store that is new, or of an older relay, has none. What is damaged stays as it is until the next note is written. */
async function recoverNotes(layout: Layout): Promise<{ notes: Map<NoteName, unknown>; forgotten: string | null }> {
  const found = await readPlainFile(layout.notes);
  if ('reason' in found) {
    return { notes: new Map(), forgotten: found.reason === IS_GONE ? null : `the file notes ${found.reason}` };
  }
  const { objects, damaged } = decodeLines(NOTE, found.bytes.toString());
  const notes = new Map(objects.map(({ name, value }) => [name, value]));
  return { notes, forgotten: damaged === 0 ? null : `${damaged} of its lines are torn or were altered` };
}

const isThere = ({ sha256, size }: Blob, blobs: ReadonlyMap<string, number>): boolean => blobs.get(sha256) === size;

/** Mending can wait for the next start: a full disk keeps nobody from serving what is on it. */
async function unlessFull(mend: () => Promise<void>): Promise<void> {
  try {
    await mend();
  } catch (error) {
    if (!isRelayError(error, 'RLY_STORAGE_FULL')) throw error;
  }
}
