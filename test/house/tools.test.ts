import t from 'tap';
import { runTool } from '../support/tool.ts';

const checks = [
  { name: 'the types hold', file: 'typescript/bin/tsc', args: ['--pretty', 'false'] },
  {
    name: 'the linter finds nothing, with types',
    file: 'oxlint/bin/oxlint',
    args: ['--type-aware', '--deny-warnings'],
  },
  { name: 'everything is formatted', file: 'prettier/bin/prettier.cjs', args: ['--check', '--log-level=warn', '.'] },
  { name: 'no file, export or dependency is unused', file: 'knip/bin/knip.js', args: [] },
];

for (const { name, file, args } of checks) {
  t.test(name, async (t) => {
    const { code, output } = runTool(file, args);
    t.equal(code, 0, output);
  });
}
