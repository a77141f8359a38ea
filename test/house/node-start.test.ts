import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import environment from '../../scripts/node-environment.json' with { type: 'json' };
import flags from '../../scripts/node-flags.json' with { type: 'json' };
import { root } from '../support/tool.ts';

const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

t.test('the image starts Node as everything else does', async (t) => {
  const image = read('Dockerfile');
  const [, given = ''] = /^ENTRYPOINT (\[.*\])$/m.exec(image) ?? [];
  t.strictSame(JSON.parse(given), ['node', ...flags, 'src/main.ts']);
  for (const [name, value] of Object.entries(environment)) t.match(image, `${name}=${value}`);
});

t.test('so does the unit for systemd', async (t) => {
  const unit = read('docs', 'guide', 'relay.service');
  t.match(unit, `/node ${flags.join(' ')} /opt/relay/src/main.ts serve`);
  const [, given = ''] = /^Environment=(.*)$/m.exec(unit) ?? [];
  for (const [name, value] of Object.entries(environment)) t.ok(given.split(' ').includes(`${name}=${value}`), name);
});
