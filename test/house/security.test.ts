import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
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
