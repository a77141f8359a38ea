import { rm } from 'node:fs/promises';
import { RelayError } from '../src/errors/relay-error.ts';
import type { Generation, GenerationDraft } from '../src/ports/generation.ts';
import type { Blob, GenerationStore } from '../src/ports/store.ts';
import { broken } from './blob-reader.ts';
import type { DiskBlobs } from './blob-store.ts';
import { writeCurrent } from './current-pointer.ts';
import { discard, syncFolder, writeDurably } from './durable-write.ts';
import { decodeGeneration, encodeGeneration } from './generation-file.ts';
import { generationPath, type Layout } from './layout.ts';
import type { Recovered } from './recovery.ts';
import { naming } from './system-error.ts';

/** The generations as the rest of the store sees them. */
export interface DiskGenerations extends GenerationStore {
  /** Numbers of those that did not validate at start and still lie on disk. */
  refused(): readonly number[];
  /** Deletes the file of a generation, whole or refused; durable when it resolves. */
  retire(number: number): Promise<void>;
}

/** The generations of the folder. `publish` and `retire` are not for running at the same time. */
export function createGenerationStore(layout: Layout, blobs: DiskBlobs, recovered: Recovered): DiskGenerations {
  let { generations, current, nextNumber } = recovered;
  let refused = recovered.report.generationsRefused.map(({ number }) => number);
  return {
    current: () => current,
    get: (number) => generations.find((generation) => generation.number === number),
    list: () => generations,
    refused: () => refused,
    async publish(draft, publishedAt) {
      const { generation, bytes } = seal(draft, nextNumber, publishedAt);
      await requireBlobs(blobs, generation);
      nextNumber += 1;
      const path = generationPath(layout, generation.number);
      await writeDurably(layout, path, bytes);
      try {
        await writeCurrent(layout, generation.number);
      } catch (error) {
        await discard(path);
        throw error;
      }
      current = generation;
      generations = [generation, ...generations];
      return generation;
    },
    async retire(number) {
      const path = generationPath(layout, number);
      await naming(path, () => rm(path, { recursive: true, force: true }));
      await naming(path, () => syncFolder(layout.generations));
      generations = generations.filter((generation) => generation.number !== number);
      refused = refused.filter((other) => other !== number);
    },
  };
}

/** The file of the generation, and the generation as a later start will read it from there. */
function seal(draft: GenerationDraft, number: number, publishedAt: Date): { generation: Generation; bytes: Buffer } {
  const { source, index, objects, onDemand, absent } = draft;
  const bytes = encodeGeneration({
    number,
    publishedAt: publishedAt.toISOString(),
    source,
    index,
    objects,
    onDemand,
    absent,
  });
  const checked = decodeGeneration(bytes, number);
  if ('value' in checked) return { generation: checked.value, bytes };
  throw new RelayError('RLY_INTERNAL', { reason: `the generation to be published ${checked.reason}` });
}

async function requireBlobs(blobs: DiskBlobs, { index, objects }: Generation): Promise<void> {
  for (const { sha256, size } of [index, ...objects] satisfies readonly Blob[]) {
    if (!(await blobs.has({ sha256, size }))) throw broken({ sha256, size }, 'is not there, and a generation needs it');
  }
}
