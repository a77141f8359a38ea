import type { Manifest } from './model.ts';

// Digits as numbers: `00001800` is 1800, and 12.10.1 comes after 12.5.1004.
const numeric = new Intl.Collator('en', { numeric: true });

/** Negative when `a` is older than `b`, 0 when they are the same, positive when it is newer. */
export function compareVersions(a: string, b: string): number {
  return numeric.compare(a, b);
}

/**
 * Whether `candidate` is of an earlier moment than `held`: some component is older there, and none is newer. Pure.
 * Two sources of one vendor are rarely of one moment (docs/protocol.md §5).
 */
export function isBehind(candidate: Manifest, held: Manifest): boolean {
  const versions = new Map(held.components.map(({ id, full }) => [id, full.version]));
  let older = false;
  for (const { id, full } of candidate.components) {
    const version = versions.get(id);
    if (version === undefined || version === null || full.version === null) continue;
    const order = compareVersions(full.version, version);
    if (order > 0) return false;
    older ||= order < 0;
  }
  return older;
}
