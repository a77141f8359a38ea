import { isNumber, misshapen, readObject, splitFields } from './fields.ts';
import type { Component, ManifestNotice, ManifestObject } from './model.ts';
import { componentName } from './names.ts';
import { readLegacyEntry } from './old-entry.ts';
import type { SectionReading } from './patterns.ts';
import type { Entry, Section } from './scan.ts';

/**
 * Reads [ENGINE]: `E.<id>=NAME, path, version, size, minimum version` (docs/protocol.md §4); the minimum may be left
 * out, since nothing here depends on it. Throws RLY_MANIFEST_SYNTAX and what readObject throws.
 */
export function readEngines(section: Section): SectionReading {
  const components: Component[] = [];
  const legacy: ManifestObject[] = [];
  const notices: ManifestNotice[] = [];
  for (const entry of section.entries.values()) {
    const [family, number = '', ...more] = entry.key.toLowerCase().split('.');
    if (family === 'e' && isNumber(number) && more.length === 0) {
      components.push(readEngine(`E.${number}`, entry));
    } else {
      const object = readLegacyEntry(entry, 'engine', notices);
      if (object) legacy.push(object);
    }
  }
  return { components, legacy, notices };
}

function readEngine(id: string, entry: Entry): Component {
  const [name, path, version, size, minimum, ...more] = splitFields(entry.value);
  if (path === undefined || version === undefined || size === undefined || more.length > 0) {
    throw misshapen(entry, 'NAME, path, version, size, minimum version');
  }
  return {
    id,
    kind: 'engine',
    name: componentName(id, name || id),
    full: readObject(entry, { kind: 'engine', component: id, path, version, size }),
    incrementals: [],
    minimumVersion: minimum || null,
  };
}
