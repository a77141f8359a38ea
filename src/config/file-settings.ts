import { CONFIGURATION, isSection, type Section } from './keys.ts';
import { shown } from './problems.ts';
import { collect, type Settings } from './settings.ts';
import { unknownKey } from './unknown-key.ts';
import type { YamlFile } from './yaml-file.ts';

/** The settings in a file that was parsed. A section or an optional key with nothing behind its colon is not set. */
export function readFileSettings(file: YamlFile): Settings {
  const settings = collect(file.problems);

  const readSection = (section: Section, value: unknown, path: readonly string[]) => {
    if (value === null || value === undefined) return;
    if (typeof value !== 'object' || Array.isArray(value)) {
      settings.problems.push({
        where: file.at(path),
        key: section.name || null,
        found: shown(value),
        expected: `a mapping with the keys ${labels(section).join(', ')}`,
      });
      return;
    }
    for (const [label, below] of Object.entries(value)) readEntry(section, label, below, [...path, label]);
  };

  const readEntry = (section: Section, label: string, value: unknown, path: readonly string[]) => {
    const entry = section.entries.find((candidate) => candidate.label === label);
    if (entry === undefined) settings.problems.push(unknownKey(section.name, label, labels(section), file.at(path)));
    else if (isSection(entry)) readSection(entry, value, path);
    else if (value !== null || !entry.optional) {
      settings.add({ key: entry, raw: value, where: (...below) => file.at([...path, ...below]) });
    }
  };

  readSection(CONFIGURATION, file.tree, []);
  return settings;
}

function labels(section: Section): string[] {
  return section.entries.map((entry) => entry.label);
}
