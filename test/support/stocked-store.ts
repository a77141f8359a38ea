import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Generation, GenerationObject } from '../../src/ports/generation.ts';
import type { Blob, Store } from '../../src/ports/store.ts';
import { openStore } from '../../storage/open-store.ts';

export interface StockedStore {
  readonly store: Store;
  /** The file of a blob, to be damaged. */
  readonly fileOf: (blob: Blob) => string;
  /** Publishes a generation of these files, by path, with this index. */
  readonly publish: (files: Readonly<Record<string, Uint8Array | string>>, index?: string) => Promise<Generation>;
}

const GIB = 1024 ** 3;

/** A real store in a temporary folder, gone with the test. */
export async function stockedStore(t: { teardown(end: () => unknown): void }): Promise<StockedStore> {
  const path = await mkdtemp(join(tmpdir(), 'relay-stocked-'));
  const store = await openStore({ path, maxSize: GIB, minFree: 0, keepGenerations: 3 });
  t.teardown(async () => {
    await store.close();
    await rm(path, { recursive: true });
  });

  async function put(content: Uint8Array | string): Promise<Blob> {
    const bytes = Buffer.from(content);
    const writer = await store.blobs.create(bytes.length, { exact: true });
    await writer.write(bytes);
    return writer.commit();
  }

  return {
    store,
    fileOf: ({ sha256 }) => join(path, 'blobs', sha256.slice(0, 2), sha256),
    async publish(files, index = '[PATTERN]\n') {
      const objects: GenerationObject[] = [];
      for (const [name, content] of Object.entries(files)) objects.push(objectOf(name, await put(content)));
      const received = { ...(await put(index)), etag: null, lastModified: null };
      const draft = {
        source: 'https://osce.example.com/officescan/download',
        index: received,
        objects,
        onDemand: [],
        absent: [],
      };
      return store.generations.publish(draft, new Date());
    },
  };
}

function objectOf(path: string, blob: Blob): GenerationObject {
  const kind = path.endsWith('.sig') ? 'signature' : path.endsWith('.zip') ? 'pattern' : 'incremental';
  const version = kind === 'signature' ? null : '1';
  const source = 'https://osce.example.com/officescan/download';
  return {
    path,
    kind,
    component: 'P.4',
    version,
    ...blob,
    proof: 'size',
    source,
    fetchedAt: '2024-06-01T00:00:00.000Z',
  };
}
