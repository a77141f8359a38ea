import type { ObjectKind } from '../ports/generation.ts';
import type { Manifest } from './model.ts';

// Digits as numbers: `00001800` is 1800, and 12.10.1 comes after 12.5.1004.
const numeric = new Intl.Collator('en', { numeric: true });

/** Negative when `a` is older than `b`, 0 when they are the same, positive when it is newer. */
export function compareVersions(a: string, b: string): number {
  return numeric.compare(a, b);
}

/** The files of components, as far as they show which moment they are of: of an index, or of a generation. */
export type ComponentFiles = readonly {
  readonly component: string;
  readonly kind: ObjectKind;
  readonly version: string | null;
}[];

/** The files of an index. Where components share a file, each is in it. */
export function componentFiles({ components }: Manifest): ComponentFiles {
  return components.flatMap(({ full, incrementals }) => [full, ...incrementals]);
}

/** The version of each component that has one, by its id. An incremental has the version it starts from, which is older by nature. */
export function versionsOf(files: ComponentFiles): Map<string, string> {
  const versions = new Map<string, string>();
  for (const { component, kind, version } of files) {
    if (version !== null && (kind === 'pattern' || kind === 'engine')) versions.set(component, version);
  }
  return versions;
}

/** A component that is there in different versions at two moments, as they write them. */
export interface VersionStep {
  readonly component: string;
  readonly found: string;
  readonly held: string;
}

/** How the components of one moment stand to those of another. */
export interface VersionSteps {
  readonly older: readonly VersionStep[];
  readonly newer: readonly VersionStep[];
}

/**
 * In which components `found` is older than `held`, and in which newer, each as `versionsOf` has them. Pure.
 * A component that only one of them has says nothing.
 */
export function versionSteps(found: ReadonlyMap<string, string>, held: ReadonlyMap<string, string>): VersionSteps {
  const steps = [...found].flatMap(([component, version]) => {
    const before = held.get(component);
    return before === undefined ? [] : [{ component, found: version, held: before }];
  });
  return {
    older: steps.filter((step) => compareVersions(step.found, step.held) < 0),
    newer: steps.filter((step) => compareVersions(step.found, step.held) > 0),
  };
}
