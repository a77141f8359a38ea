import type { Blob, Pace } from '../src/ports/store.ts';
import { openBlobReader } from './blob-reader.ts';
import { findingsOf, neededBlobs, type Finding } from './findings.ts';
import { flawOf } from './flaw.ts';
import { requireStore } from './format.ts';
import { blobPath, type Layout, layoutOf } from './layout.ts';
import { lookAtStore, type StoreLook } from './store-look.ts';

/** How far an inspection is. */
export interface InspectionProgress {
  readonly blobs: { readonly done: number; readonly total: number };
  readonly bytes: { readonly done: number; readonly total: number };
}

/** What an inspection looked at, and what it found. */
export interface Inspection {
  readonly generations: number;
  readonly blobs: number;
  /** Of all blobs. */
  readonly bytes: number;
  readonly findings: readonly Finding[];
}

export interface InspectionOptions {
  /** The folder of the store. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: InspectionProgress) => void;
}

/**
 * Reads a whole store, every byte of its blobs too, and changes nothing. It takes no lock: a relay may go on working in it, and
 * start meanwhile. What does not stand a second look is therefore no finding: it was on its way.
 * Throws RLY_STORAGE_FORMAT where there is no store, RLY_STORAGE_* where the system refuses, and the reason of the signal.
 */
export async function inspectStore({ path, signal, onProgress }: InspectionOptions): Promise<Inspection> {
  const layout = layoutOf(path);
  await requireStore(layout);
  const look = await lookAtStore(layout);
  const blobs = blobsOf(look);
  const flaws = await flawsOf(layout, blobs, signal, onProgress);
  const found = findingsOf(layout, look, flaws);
  return {
    generations: look.generations.size,
    blobs: look.scan.blobs.size,
    bytes: sizeOf([...look.scan.blobs.values()]),
    findings: found.length === 0 ? found : await standing(layout, found, signal),
  };
}

/** Those that a second look finds too. */
async function standing(layout: Layout, found: readonly Finding[], signal: AbortSignal): Promise<Finding[]> {
  const look = await lookAtStore(layout);
  const suspected = new Set(found.map(({ blob }) => blob?.sha256));
  const suspects = blobsOf(look).filter(({ sha256 }) => suspected.has(sha256));
  const again = findingsOf(layout, look, await flawsOf(layout, suspects, signal, () => {}));
  const keys = new Set(again.map(keyOf));
  return found.filter((finding) => keys.has(keyOf(finding)));
}

/** Those on disk and those that are needed, in the order of their names. */
function blobsOf(look: StoreLook): Blob[] {
  const all = new Map<string, Blob>([...look.scan.blobs].map(([sha256, size]) => [sha256, { sha256, size }]));
  for (const { blob } of neededBlobs(look).values()) all.set(blob.sha256, blob);
  return [...all.values()].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
}

/** Why blobs are not what their names say, by name. */
async function flawsOf(
  layout: Layout,
  blobs: readonly Blob[],
  signal: AbortSignal,
  onProgress: (progress: InspectionProgress) => void,
): Promise<ReadonlyMap<string, string>> {
  const flaws = new Map<string, string>();
  const total = { blobs: blobs.length, bytes: sizeOf(blobs.map(({ size }) => size)) };
  let [done, bytes] = [0, 0];
  const tell = (): void =>
    onProgress({ blobs: { done, total: total.blobs }, bytes: { done: bytes, total: total.bytes } });
  const pace: Pace = async (count) => {
    signal.throwIfAborted();
    bytes += count;
    tell();
  };
  for (const blob of blobs) {
    signal.throwIfAborted();
    const flaw = await flawOf(() => openBlobReader(blobPath(layout, blob.sha256), blob), pace);
    if (flaw !== null) flaws.set(blob.sha256, flaw);
    done += 1;
    tell();
  }
  return flaws;
}

const sizeOf = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

const keyOf = ({ about, file, blob, problem }: Finding): string => `${about} ${file} ${blob ? '' : problem}`;
