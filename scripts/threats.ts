import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One row of the table in SECURITY.md. */
export interface Threat {
  readonly attack: string;
  /** Paths of test files, from the root of the repository. */
  readonly tests: readonly string[];
}

/** The rows of the table under "Threats" in SECURITY.md, in their order: the one place where threats are listed. */
export function readThreats(root: string): readonly Threat[] {
  const [, section = ''] = readFileSync(join(root, 'SECURITY.md'), 'utf8').split('\n## Threats\n');
  const rows =
    section
      .split('\n## ')[0]
      ?.split('\n')
      .filter((line) => line.startsWith('| ')) ?? [];
  // The first is the head; the line below it begins with dashes.
  return rows
    .slice(1)
    .filter((line) => !line.startsWith('| -'))
    .map((line) => {
      const cells = line.split(' | ').map((cell) => cell.replace(/^\| |\s*\|$/g, '').trim());
      const tests = [...(cells.at(-1) ?? '').matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path);
      return { attack: cells[2] ?? '', tests };
    });
}
