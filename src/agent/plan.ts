import type { Component, Manifest, ManifestObject } from '../manifest/model.ts';
import { choose, type Choice } from './choose.ts';

/** The kinds of item an index lists; what `--only` takes. */
export const AGENT_KINDS = ['patterns', 'engines', 'programs'] as const;
export type AgentKind = (typeof AGENT_KINDS)[number];

/** What an agent wants when nobody says otherwise. Programs come by other ways too, and most listed ones are not its own. */
export const DEFAULT_KINDS: readonly AgentKind[] = ['patterns', 'engines'];

/** One thing to look after: a component, or a program package. */
export type Step = Choice & {
  /** `P.4`, `E.10`, `Info_524_10000_1_5889`. */
  readonly id: string;
  readonly name: string;
  /** The versions held before and after, as the index writes them; null for none, and for programs. */
  readonly before: string | null;
  readonly after: string | null;
};

/**
 * What an agent that holds `versions` (by component id) does about each item of the wanted kinds, in the order of the
 * index. Program packages carry no version: one is current when the object itself is `here`. Pure.
 */
export function planSteps(
  manifest: Manifest,
  kinds: readonly AgentKind[],
  versions: ReadonlyMap<string, string>,
  here: ReadonlySet<ManifestObject>,
): Step[] {
  const components = manifest.components
    .filter(({ kind }) => kinds.includes(kind === 'pattern' ? 'patterns' : 'engines'))
    .map((component) => componentStep(component, versions.get(component.id) ?? null));
  const programs = (kinds.includes('programs') ? manifest.programs : []).map((object) =>
    programStep(object, here.has(object)),
  );
  return [...components, ...programs];
}

function componentStep(component: Component, before: string | null): Step {
  const { id, name, full } = component;
  const choice = choose(component, before);
  return { id, name, before, after: choice.how === 'current' ? before : full.version, ...choice };
}

function programStep(object: ManifestObject, isHere: boolean): Step {
  const choice: Choice = isHere ? { how: 'current', object: null } : { how: 'full', object };
  return { id: object.component, name: object.path, before: null, after: null, ...choice };
}
