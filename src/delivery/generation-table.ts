import { createHash } from 'node:crypto';
import { canonicalPath } from '../manifest/path.ts';
import { withServerSection, type ServerSection } from '../manifest/server-section.ts';
import type { Generation, OnDemandObject } from '../ports/generation.ts';
import type { BlobStore } from '../ports/store.ts';
import { createRepresentation, type Representation } from './representation.ts';

/** The index as agents get it, with its bytes: it is asked for most of all. */
export interface ServedIndex {
  readonly representation: Representation;
  readonly bytes: Buffer;
}

/** One generation, ready to be answered from. Nothing is served that is not in here. */
export interface GenerationTable {
  /** Looks up a canonical path below one of the trees. */
  find(path: string): Representation | undefined;
  /** The same for what is fetched when an agent asks for it. */
  findOnDemand(path: string): OnDemandObject | undefined;
  /** Reads and rewrites the index once, and has it at hand then; after a failure, again. Rejects with RLY_STORAGE_BLOB_BROKEN. */
  index(): ServedIndex | Promise<ServedIndex>;
}

/** Builds the table of a generation. `serverSection`: what becomes of the index's [Server] section (docs/protocol.md §4). */
export function createGenerationTable(
  generation: Generation,
  blobs: Pick<BlobStore, 'read'>,
  serverSection: ServerSection,
): GenerationTable {
  const number = generation.number;
  const objects = new Map(
    generation.objects.map(({ path, kind, component, sha256, size }) => [
      canonicalPath(path),
      createRepresentation({ path, kind, component, generation: number, content: { sha256, size } }),
    ]),
  );
  const onDemand = new Map(generation.onDemand.map((object) => [canonicalPath(object.path), object]));
  let served: ServedIndex | Promise<ServedIndex> | undefined;

  async function readIndex(): Promise<ServedIndex> {
    try {
      const bytes = withServerSection(await blobs.read(generation.index), serverSection);
      const content = { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
      const representation = createRepresentation({
        path: 'server.ini',
        kind: 'index',
        component: '',
        generation: number,
        content,
      });
      return (served = { representation, bytes });
    } catch (error) {
      served = undefined;
      throw error;
    }
  }

  return {
    find: (path) => objects.get(path),
    findOnDemand: (path) => onDemand.get(path),
    index: () => (served ??= readIndex()),
  };
}
