import type { ManifestNotice, ManifestObject } from './model.ts';
import { readOldEntry } from './old-entry.ts';
import type { Section } from './scan.ts';

/**
 * Reads the packages of products: `Path` and `Update_Path` of each `[Info_<product>_<version×10000>_<language>_<platform>]`
 * (docs/protocol.md §4), in the order of the file; the same package may come many times. Throws what readOldEntry throws.
 */
export function readPrograms(sections: Iterable<Section>, notices: ManifestNotice[]): readonly ManifestObject[] {
  const programs: ManifestObject[] = [];
  for (const { name, entries } of sections) {
    if (!name.toLowerCase().startsWith('info_')) continue;
    for (const [folded, entry] of entries) {
      if (folded !== 'path' && folded !== 'update_path') continue;
      const object = readOldEntry(entry, 'program', name, notices);
      if (object) programs.push(object);
    }
  }
  return programs;
}
