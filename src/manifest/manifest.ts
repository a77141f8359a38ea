import { RelayError } from '../errors/relay-error.ts';
import { readEngines } from './engines.ts';
import type { Manifest, ManifestObject } from './model.ts';
import { readPatterns } from './patterns.ts';
import { readPrograms } from './programs.ts';
import { notAnIndex, scanSections } from './scan.ts';
import { uniteObjects } from './unite.ts';

export type { Component, Manifest, ManifestKind, ManifestNotice, ManifestObject } from './model.ts';

export interface ParseOptions {
  /** The most bytes all objects together may have: what there is room for. Without it there is no such limit. */
  readonly maxTotal?: number;
}

/**
 * Understands a server.ini (docs/protocol.md §4) and keeps its bytes. Pure; linear in the length of the file.
 * Throws RLY_MANIFEST_NOT_AN_INDEX for something else than an index, and for one that is torn, contradicts itself or
 * goes beyond a limit RLY_MANIFEST_SYNTAX, _DUPLICATE, _PATH, _SIZE, _COUNT, _CONFLICT, _LIMIT or _TOO_LARGE, each
 * with the line; nothing else.
 */
export function parseManifest(bytes: Uint8Array, { maxTotal = Infinity }: ParseOptions = {}): Manifest {
  const own = Buffer.from(bytes);
  const sections = scanSections(own);
  const patternSection = sections.get('pattern');
  if (!patternSection) throw notAnIndex(own, 'it has no [PATTERN] section');
  const patterns = readPatterns(patternSection);
  if (patterns.components.length === 0) throw notAnIndex(own, 'it lists no pattern in [PATTERN]');
  const engines = readEngines(sections.get('engine') ?? { name: 'ENGINE', entries: new Map() });

  const components = [...patterns.components, ...engines.components];
  const notices = [...patterns.notices, ...engines.notices];
  const united = uniteObjects({
    components,
    legacy: [...patterns.legacy, ...engines.legacy],
    programs: readPrograms(sections.values(), notices),
  });
  const objects = [...united.objects, ...united.programs];
  return {
    bytes: own,
    components,
    programs: united.programs,
    objects,
    notices: [...notices, ...united.notices].sort((a, b) => a.line - b.line),
    totalSize: sumSizes(objects, maxTotal),
  };
}

function sumSizes(objects: readonly ManifestObject[], maxTotal: number): number {
  let total = 0;
  for (const { size, line, path } of objects) {
    total += size;
    if (total > maxTotal) {
      throw new RelayError('RLY_MANIFEST_TOO_LARGE', { line, path, found: total, expected: maxTotal });
    }
  }
  return total;
}
