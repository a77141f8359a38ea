import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { relayCommand } from '../support/relay-process.ts';
import { needs, root } from '../support/tool.ts';

/** Of 100; systemd calls what is below 20 OK. */
const MOST_EXPOSED = 15;

/** The unit of the guide, with this Node and this checkout in the place of those it names. */
function unit(t: Test): string {
  const file = join(t.testdir(), 'relay.service');
  const text = readFileSync(join(root, 'docs', 'guide', 'relay.service'), 'utf8');
  const { execPath } = process;
  writeFileSync(file, text.replace('/usr/local/bin/node', execPath).replace('/opt/relay', root));
  return file;
}

const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });

t.test('systemd has nothing to say against the unit of the guide', needs('systemd-analyze'), async (t) => {
  const { status, stdout, stderr } = analyze('verify', unit(t));
  t.strictSame({ status, said: `${stdout}${stderr}` }, { status: 0, said: '' });
});

t.test('it exposes little', needs('systemd-analyze'), async (t) => {
  const { status, stdout, stderr } = analyze('security', '--offline=true', `--threshold=${MOST_EXPOSED}`, unit(t));
  t.equal(status, 0, stdout.trim().split('\n').at(-1) ?? '', { stderr });
});

t.test('what it starts is the relay as everything else starts it', async (t) => {
  const text = readFileSync(unit(t), 'utf8');
  const [, command = '', script = '', name = ''] =
    /^ExecStart=(.*) (\S+main\.ts) (\w+) --config \S+$/m.exec(text) ?? [];
  const [node, ...flags] = relayCommand(name);
  t.equal(`${command} ${script} ${name}`, [node, ...flags].join(' '));
  const help = execFileSync(process.execPath, [script, name, '--help'], {
    encoding: 'utf8',
    env: { NODE_OPTIONS: '' },
  });
  t.match(help, 'Usage: relay serve');
});
