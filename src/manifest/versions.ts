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

/** A component that is there in different versions at two moments, as they write them. */
export interface VersionStep {
  readonly component: string;
  readonly found: string;
  readonly held: string;
}

/** How the files of one moment stand to those of another. */
export interface VersionSteps {
  readonly older: readonly VersionStep[];
  readonly newer: readonly VersionStep[];
}

/**
 * In which components `found` is older than `held`, and in which newer. Pure.
 * A component that only one of them has, and a version that is not given, say nothing.
 */
export function versionSteps(found: ComponentFiles, held: ComponentFiles): VersionSteps {
  const versions = new Map(held.filter(isWhole).map(({ component, version }) => [component, version]));
  const steps = found.filter(isWhole).flatMap(({ component, version }) => {
    const before = versions.get(component) ?? null;
    return version === null || before === null ? [] : [{ component, found: version, held: before }];
  });
  return {
    older: steps.filter((step) => compareVersions(step.found, step.held) < 0),
    newer: steps.filter((step) => compareVersions(step.found, step.held) > 0),
  };
}

/** An incremental has the version it starts from, which is older by nature. */
function isWhole({ kind }: ComponentFiles[number]): boolean {
  return kind === 'pattern' || kind === 'engine';
}
