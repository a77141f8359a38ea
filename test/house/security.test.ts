import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { readThreats } from '../../scripts/threats.ts';
import { root } from '../support/tool.ts';

const threats = readThreats(root);

t.test('every threat in SECURITY.md has a test that exists', async (t) => {
  t.ok(threats.length > 20, `${threats.length} threats were read`);
  for (const { attack, tests } of threats) {
    t.ok(tests.length > 0, attack);
    for (const file of tests) t.ok(file.endsWith('.test.ts') && existsSync(join(root, file)), `${attack}: ${file}`);
  }
});

t.test('every test of test/security proves something that SECURITY.md names', async (t) => {
  const named = new Set(threats.flatMap(({ tests }) => tests));
  t.strictSame(
    globSync('test/security/*.test.ts', { cwd: root }).filter((file) => !named.has(file)),
    [],
  );
});

t.test(
  'docs/reference/security-tests.md has every threat, with its tests, and nothing failed (else: npm run security)',
  async (t) => {
    const page = readFileSync(join(root, 'docs', 'reference', 'security-tests.md'), 'utf8');
    const rows = page
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(2);
    const links = (tests: readonly string[]): string =>
      tests.map((file) => `[${basename(file, '.test.ts')}](../../${file})`).join(', ');
    t.strictSame(
      rows.map((row) => row.split(' | ').slice(0, 2).join(' | ')),
      threats.map(({ attack, tests }) => `| ${attack} | ${links(tests)}`),
    );
    for (const row of rows) t.match(row, /\| [\d,]+ \| passed[^|]* \|$/);
  },
);
