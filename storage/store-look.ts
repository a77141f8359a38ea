import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Generation } from '../src/ports/generation.ts';
import type { Fill, StagedObject, StoredResponse } from '../src/ports/store.ts';
import { FILL, STAGED_OBJECT, STORED_RESPONSE, type Checked } from './checked-json.ts';
import { readCurrent } from './current-pointer.ts';
import { decodeGeneration } from './generation-file.ts';
import { generationPath, type Layout } from './layout.ts';
import { decodeLines } from './object-lines.ts';
import { readPlainFile } from './plain-file.ts';
import { scanFolder, type Scan } from './scan.ts';
import { naming } from './system-error.ts';

/** The objects of a list, and how many of its lines are torn; or why it cannot be read. */
type ReadList<T> = Checked<{ readonly objects: readonly T[]; readonly damaged: number }>;

/** What lies in the folder of a store: everything but the content of its blobs. */
export interface StoreLook {
  readonly scan: Scan;
  /** Folders of the store that are not there. */
  readonly missing: readonly string[];
  readonly pointer: Checked<number>;
  /** By number, newest first. */
  readonly generations: ReadonlyMap<number, Checked<Generation>>;
  readonly staging: ReadList<StagedObject>;
  readonly fills: ReadList<Fill>;
  readonly responses: ReadList<StoredResponse>;
  /** Names in `tmp`. */
  readonly temporaries: readonly string[];
}

/** Looks at a store without a lock, and changes nothing. Throws the errors of `naming`. */
export async function lookAtStore(layout: Layout): Promise<StoreLook> {
  // First: what it names was there before, and is retired only after the next one.
  const pointer = await readCurrent(layout);
  const scan = await scanFolder(layout);
  const generations = new Map<number, Checked<Generation>>();
  for (const number of scan.generations) {
    const found = await readPlainFile(generationPath(layout, number));
    generations.set(number, 'reason' in found ? found : decodeGeneration(found.bytes, number));
  }
  const folders = [layout.blobs, layout.generations, layout.parts, layout.temporaries];
  const missing = folders.filter((path) => !existsSync(path));
  return {
    scan,
    missing: missing.map((path) => relative(layout.root, path)),
    pointer,
    generations,
    staging: await readList(layout.staging, (text) => decodeLines(STAGED_OBJECT, text)),
    fills: await readList(layout.fills, (text) => decodeLines(FILL, text)),
    responses: await readList(layout.responses, (text) => decodeLines(STORED_RESPONSE, text)),
    temporaries: existsSync(layout.temporaries)
      ? await naming(layout.temporaries, () => readdir(layout.temporaries))
      : [],
  };
}

async function readList<T>(
  path: string,
  decode: (text: string) => { readonly objects: readonly T[]; readonly damaged: number },
): Promise<ReadList<T>> {
  const found = await readPlainFile(path);
  return 'reason' in found ? found : { value: decode(found.bytes.toString()) };
}
