import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import nodeFlags from '../../scripts/node-flags.json' with { type: 'json' };
import { root } from '../support/tool.ts';

t.test('the image starts Node with the flags that everything else starts it with', async (t) => {
  const [, given = ''] = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  t.strictSame(JSON.parse(given), ['node', ...nodeFlags, 'src/main.ts']);
});
