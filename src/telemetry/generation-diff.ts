import { Type, type Static } from 'typebox';
import { diffManifests } from '../manifest/diff.ts';
import { parseManifest } from '../manifest/manifest.ts';
import type { Store } from '../ports/store.ts';
import { generationNamed } from './generations.ts';
import { page, pageOf, type PageQuery } from './page.ts';

const Count = Type.Integer({ minimum: 0 });
const VersionOrNull = Type.Union([Type.String(), Type.Null()]);
const Amount = Type.Object({ objects: Count, bytes: Count });

/** What `GET /api/v1/generations/:a/diff/:b` answers: the components that differ between two indexes. */
export const generationDiffSchema = pageOf(
  Type.Object({
    id: Type.String(),
    name: Type.String(),
    change: Type.Enum(['new', 'changed', 'gone']),
    before: VersionOrNull,
    after: VersionOrNull,
    bytes: Type.Integer({ minimum: 0, description: 'Of its objects that the index before does not list.' }),
  }),
  { from: Count, to: Count, toFetch: Amount, programsToFetch: Amount },
);

/**
 * Compares the indexes of two generations, as they were received. Throws RLY_GENERATION_UNKNOWN, RLY_STORAGE_BLOB_BROKEN.
 */
export async function diffGenerations(
  { from, to }: { readonly from: number; readonly to: number },
  {
    generations,
    blobs,
  }: { generations: Pick<Store['generations'], 'get' | 'list'>; blobs: Pick<Store['blobs'], 'read'> },
  query: PageQuery,
): Promise<Static<typeof generationDiffSchema>> {
  const [before, after] = [generationNamed(from, generations), generationNamed(to, generations)];
  const { components, toFetch, programsToFetch } = diffManifests(
    parseManifest(await blobs.read(before.index)),
    parseManifest(await blobs.read(after.index)),
  );
  return { from, to, toFetch, programsToFetch, ...page(components, query) };
}
