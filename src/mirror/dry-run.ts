import { Type, type Static } from 'typebox';
import { diffManifests } from '../manifest/diff.ts';
import { parseManifest } from '../manifest/manifest.ts';
import { checkIndex } from './check-index.ts';
import type { UpdateContext } from './context.ts';
import { makePlan } from './plan-from-store.ts';
import { trySources } from './try-sources.ts';

const Count = Type.Integer({ minimum: 0 });
const Version = Type.Union([Type.String(), Type.Null()]);

/** What an update would do: where from, which components change, which objects cross the network. */
export const dryRunSchema = Type.Object({
  source: Type.String(),
  /** Nothing to do: the source has the index this relay has. All that follows is then empty. */
  unchanged: Type.Boolean(),
  changes: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      change: Type.Union([Type.Literal('new'), Type.Literal('changed'), Type.Literal('gone')]),
      before: Version,
      after: Version,
      bytes: Count,
    }),
  ),
  fetch: Type.Array(
    Type.Object({
      path: Type.String(),
      kind: Type.String(),
      /** Null for a signature, whose size no index lists. */
      bytes: Type.Union([Count, Type.Null()]),
    }),
  ),
  /** Objects that are fetched when an agent asks for them. */
  onDemand: Count,
  /** Objects taken from disk. */
  reused: Count,
  /** Listed bytes to fetch. */
  bytes: Count,
});

export type DryRun = Static<typeof dryRunSchema>;

/**
 * Plans an update and stops there: a request for the index of each source until one answers. Nothing is written but notes on
 * what the sources said.
 * Rejects with RLY_UPDATE_NO_SOURCE when none does.
 */
export async function dryRun(context: UpdateContext, signal: AbortSignal): Promise<DryRun> {
  const current = context.store.generations.current();
  return trySources(context, async (source) => {
    const fetched = await checkIndex(source, current, context, signal);
    if (!fetched)
      return { source: source.url, unchanged: true, changes: [], fetch: [], onDemand: 0, reused: 0, bytes: 0 };
    const before = current ? parseManifest(await context.store.blobs.read(current.index)) : null;
    const plan = await makePlan(fetched, source, context);
    return {
      source: source.url,
      unchanged: false,
      changes: [...diffManifests(before, fetched.manifest).components],
      fetch: plan.fetch.map(({ path, kind, size }) => ({ path, kind, bytes: size })),
      onDemand: plan.onDemand.length,
      reused: plan.reuse.length,
      bytes: plan.bytes,
    };
  });
}
