import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Static, TSchema } from 'typebox';
import type { Generation } from '../src/ports/generation.ts';
import type { Blob } from '../src/ports/store.ts';
import type { AuditText } from './audit-file.ts';
import { verifyAudit } from './audit-log.ts';
import { FILL, NOTE, STAGED_OBJECT, STORED_RESPONSE, type Checked } from './checked-json.ts';
import { readCurrent } from './current-pointer.ts';
import { decodeGeneration } from './generation-file.ts';
import { generationPath, type Layout } from './layout.ts';
import { decodeLines } from './object-lines.ts';
import { readPlainFile } from './plain-file.ts';
import { scanFolder, type Scan } from './scan.ts';
import { naming } from './system-error.ts';

/** A blob, and what somebody needs it for. */
export interface Use {
  readonly blob: Blob;
  readonly use: string;
}

/** What lies in the folder of a store: everything but the content of its blobs. */
export interface StoreLook {
  readonly scan: Scan;
  /** Folders of the store that are not there. */
  readonly missing: readonly string[];
  readonly pointer: Checked<number>;
  /** By number, newest first. */
  readonly generations: ReadonlyMap<number, Checked<Generation>>;
  /** The files that grow line by line, by name: what their lines need, and how many are torn. */
  readonly lists: ReadonlyMap<string, Checked<{ readonly uses: readonly Use[]; readonly damaged: number }>>;
  readonly audit: Checked<AuditText>;
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
  const { temporaries } = layout;
  const lists = new Map([
    ['staging', await readList(layout.staging, STAGED_OBJECT, (it) => [used(it, `${it.path}, staged`)])],
    ['fills', await readList(layout.fills, FILL, (it) => [used(it, `${it.path}, on demand`)])],
    // Which domains there are is nobody's business (docs/protocol.md §3).
    [
      'responses',
      await readList(layout.responses, STORED_RESPONSE, (it) => [
        used(it, it.kind === 'domain-settings' ? 'domain settings' : `${it.path}, a hot fix`),
      ]),
    ],
    ['notes', await readList(layout.notes, NOTE, () => [])],
  ]);
  return {
    scan,
    missing: missing.map((path) => relative(layout.root, path)),
    pointer,
    generations,
    lists,
    audit: await verifyAudit(layout),
    temporaries: existsSync(temporaries) ? await naming(temporaries, () => readdir(temporaries)) : [],
  };
}

function used({ sha256, size }: Blob, use: string): Use {
  return { blob: { sha256, size }, use };
}

async function readList<S extends TSchema>(
  path: string,
  schema: S,
  usesOf: (line: Static<S>) => readonly Use[],
): Promise<Checked<{ readonly uses: readonly Use[]; readonly damaged: number }>> {
  const found = await readPlainFile(path);
  if ('reason' in found) return found;
  const { objects, damaged } = decodeLines(schema, found.bytes.toString());
  return { value: { uses: objects.flatMap(usesOf), damaged } };
}
