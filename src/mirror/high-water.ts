import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { compareVersions, versionsOf, type ComponentFiles } from '../manifest/versions.ts';

/** Components that were first listed in the same generation. */
export interface Newcomers {
  readonly generation: number;
  readonly components: readonly string[];
}

/** What was ever published, as far as it is the measure of what may follow. */
export interface HighWater {
  /** The highest version of each component, whoever brought it. */
  readonly versions: ReadonlyMap<string, string>;
  /** By URL of the source: every component it has listed, in the order in which they came. */
  readonly listed: ReadonlyMap<string, readonly Newcomers[]>;
}

/** What one generation says of that. */
export interface Listing {
  readonly generation: number;
  /** Base URL. */
  readonly source: string;
  readonly files: ComponentFiles;
}

/** As it lies in the store. */
const NOTED = Type.Object({
  versions: Type.Array(Type.Tuple([Type.String(), Type.String()])),
  listed: Type.Array(
    Type.Tuple([
      Type.String(),
      Type.Array(Type.Object({ generation: Type.Integer(), components: Type.Array(Type.String()) })),
    ]),
  ),
});

/** Components remembered, of all and of one source: whoever makes up new ones fills no disk. An index has some hundred. */
const MOST = 10_000;
/** Characters of a name or a version that are remembered: the longest seen has 14. */
const LONGEST = 64;

/** What was noted, of any shape; nothing where it is not ours. */
export function recallHighWater(noted: unknown): HighWater {
  const { versions, listed } = Value.Check(NOTED, noted) ? noted : { versions: [], listed: [] };
  return { versions: new Map(versions), listed: new Map(listed) };
}

/** As it is to be noted. `sources`: those that are configured; what others have listed is no measure for anybody. */
export function notedHighWater({ versions, listed }: HighWater, sources: readonly string[]): Static<typeof NOTED> {
  const kept = [...listed].filter(([source]) => sources.includes(source));
  return {
    versions: [...versions],
    listed: kept.map(([source, waves]) => [
      source,
      waves.map(({ generation, components }) => ({ generation, components: [...components] })),
    ]),
  };
}

/** Higher by what was published. What that does not list stays as high as it was: to leave a thing out for once is no way round. Pure. */
export function raiseHighWater({ versions, listed }: HighWater, listing: Listing): HighWater {
  const higher = new Map(versions);
  for (const [component, version] of versionsOf(listing.files)) {
    const before = higher.get(component);
    const isHigher = before === undefined ? higher.size < MOST : compareVersions(version, before) > 0;
    if (isHigher && isShort(component) && isShort(version)) higher.set(component, version);
  }
  return { versions: higher, listed: withListed(listed, listing) };
}

/** By what a source has listed at any time; the components that are new with it come last. Pure. */
export function withListed(listed: HighWater['listed'], { generation, source, files }: Listing): HighWater['listed'] {
  const waves = listed.get(source) ?? [];
  const known = new Set(waves.flatMap(({ components }) => components));
  const components = [...versionsOf(files).keys()]
    .filter((component) => !known.has(component) && isShort(component))
    .slice(0, Math.max(0, MOST - known.size));
  return components.length === 0 ? listed : new Map(listed).set(source, [...waves, { generation, components }]);
}

/** As low as what was published, in what a person let go back or shrink. Pure. */
export function lowerHighWater(
  { versions, listed }: HighWater,
  { generation, source, files }: Listing,
  allowed: { readonly older: boolean; readonly shrink: boolean },
): HighWater {
  const published = versionsOf(files);
  const lower = new Map(versions);
  if (allowed.older) for (const [component, version] of published) lower.set(component, version);
  const afresh = [{ generation, components: [...published.keys()] }];
  return { versions: lower, listed: allowed.shrink ? new Map(listed).set(source, afresh) : listed };
}

function isShort(text: string): boolean {
  return text.length <= LONGEST;
}
