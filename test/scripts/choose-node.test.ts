import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { root } from '../support/tool.ts';

type ChooseNode = (machine: { version: string; execPath: string; packaged: string }) => {
  readonly node?: string;
  readonly what?: string;
  readonly advice?: string;
};

// Plain JavaScript, so the type is told here.
const { chooseNode } = (await import(join(root, 'scripts', 'choose-node.mjs'))) as { chooseNode: ChooseNode };

const OLD = '20.19.0';
const LOADER =
  'node: error while loading shared libraries: libatomic.so.1: cannot open shared object file: No such file or directory';

/** A packaged Node that is a shell script. */
function packagedNode(t: Test, script: string): string {
  const file = join(t.testdir({ node: `#!/bin/sh\n${script}\n` }), 'node');
  chmodSync(file, 0o755);
  return file;
}

t.test('a Node that is new enough is taken as it is, without a look at the packaged one', async (t) => {
  for (const version of ['26.0.0', '26.10.0', '31.1.0']) {
    t.strictSame(chooseNode({ version, execPath: '/usr/bin/node', packaged: '/nowhere' }), { node: '/usr/bin/node' });
  }
});

t.test('an older one makes way for the packaged one, if that starts', async (t) => {
  const packaged = packagedNode(t, '[ "$1" = --version ] && echo v26.10.0');
  for (const version of [OLD, '25.9.0', '9.0.0']) {
    t.strictSame(chooseNode({ version, execPath: '/usr/bin/node', packaged }), { node: packaged });
  }
});

t.test('without a packaged one for this platform it says what to install', async (t) => {
  const { node, what, advice } = chooseNode({ version: OLD, execPath: '/usr/bin/node', packaged: '/nowhere' });
  t.equal(node, undefined);
  t.equal(
    what,
    `Node 26 is needed, this is ${OLD}, and there is no packaged one for ${process.platform}-${process.arch}`,
  );
  t.match(advice, 'https://nodejs.org');
});

t.test('where the system lacks libatomic, the package to install is named', async (t) => {
  const packaged = packagedNode(t, `echo '${LOADER}' >&2; exit 127`);
  const { node, what, advice } = chooseNode({ version: OLD, execPath: '/usr/bin/node', packaged });
  t.equal(node, undefined);
  t.match(what, 'libatomic.so.1');
  t.match(advice, 'apt-get install libatomic1');
  t.match(advice, 'dnf install libatomic ');
});

t.test('one that does not start for another reason is told with that reason', async (t) => {
  for (const [script, reason] of [
    ['echo "GLIBC_2.99 not found" >&2; exit 1', 'GLIBC_2.99 not found'],
    ['exit 3', 'exit code 3'],
  ] as const) {
    const packaged = packagedNode(t, script);
    const { node, what } = chooseNode({ version: OLD, execPath: '/usr/bin/node', packaged });
    t.equal(node, undefined);
    t.equal(what, `this is Node ${OLD}, and the packaged Node 26 does not start: ${reason}`);
  }
  const { what } = chooseNode({ version: OLD, execPath: '/usr/bin/node', packaged: t.testdir() });
  t.match(what, 'does not start: spawnSync ', 'a folder, say');
});
