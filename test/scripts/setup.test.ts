import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { root } from '../support/tool.ts';

/** In place of npm: notes how it was called and makes what an installation leaves; ends with what `npm-exit` says. */
const NPM = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
if (existsSync('npm-exit')) {
  process.stderr.write('npm error: the registry is away\\n');
  process.exit(Number(readFileSync('npm-exit')));
}
rmSync('node_modules', { recursive: true, force: true });
mkdirSync('node_modules/.bin', { recursive: true });
writeFileSync('node_modules/.bin/node', 'the packaged Node');
`;

/** In place of the relay: says how it was run, and ends as it is told to. */
const PROGRAM = `
const [how, code] = process.argv.slice(2);
if (how === 'wait') setInterval(() => {}, 1000);
if (how === 'wait' && code) process.on('SIGTERM', () => process.exit(Number(code)));
if (how === 'exit') process.exitCode = Number(code);
process.stdout.write(JSON.stringify({
  args: process.argv.slice(2), node: process.execPath, path: process.env.PATH, proto: '__proto__' in {},
}));
`;

interface Told {
  readonly args: string[];
  readonly node: string;
  readonly path: string;
  readonly proto: boolean;
}

/** A clone with nothing installed: the scripts as they are, and stand-ins for npm and for the relay. */
function clone(t: Test) {
  const folder = t.testdir({
    'package.json': '{"type":"module"}',
    'package-lock.json': '{"lockfileVersion":3}',
    'npm.js': NPM,
    src: { 'main.ts': PROGRAM },
    scripts: {},
    bin: {},
  });
  for (const file of [
    'scripts/setup.mjs',
    'scripts/choose-node.mjs',
    'scripts/node-flags.json',
    'scripts/node-environment.json',
    'bin/relay.mjs',
  ]) {
    cpSync(join(root, file), join(folder, file));
  }
  const start = (file: string, ...args: string[]) => {
    const child = spawn(process.execPath, [join(folder, file), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], npm_execpath: join(folder, 'npm.js') },
    });
    t.teardown(() => child.kill('SIGKILL'));
    return child;
  };
  const run = async (file: string, ...args: string[]) => {
    const child = start(file, ...args);
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: code as number | null, stdout, stderr, told: () => JSON.parse(stdout) as Told };
  };
  const setUp = (...args: string[]) => run('scripts/setup.mjs', '--run', 'src/main.ts', ...args);
  const npmCalls = () => {
    const file = join(folder, 'npm-calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  };
  return { folder, start, run, setUp, npmCalls };
}

t.test(
  'the first run installs from the lockfile, without a script of any dependency; the second does not',
  async (t) => {
    const { folder, setUp, npmCalls } = clone(t);
    const first = await setUp();
    t.equal(first.code, 0);
    t.equal(first.stderr, 'relay: first run: installing from package-lock.json (about half a minute) …\n');
    t.strictSame(npmCalls(), [
      'ci --ignore-scripts --include=dev --include=optional --no-audit --no-fund --loglevel=error',
    ]);
    t.equal(readlinkSync(join(folder, 'node_modules/.bin/relay')), '../../bin/relay.mjs', 'npx relay works');
    t.notOk(existsSync(join(folder, 'node_modules/.bin/node')), 'and this script starts on the machine’s own Node');

    const second = await setUp();
    t.equal(second.code, 0);
    t.equal(second.stderr, '');
    t.equal(npmCalls().length, 1);

    writeFileSync(join(folder, 'package-lock.json'), '{"lockfileVersion":3,"packages":{}}');
    t.equal((await setUp()).code, 0);
    t.equal(npmCalls().length, 2, 'a lockfile that changed is installed');
  },
);

t.test('without --run it only makes ready', async (t) => {
  const { run, npmCalls } = clone(t);
  const { code, stdout } = await run('scripts/setup.mjs');
  t.equal(code, 0);
  t.equal(stdout, '');
  t.equal(npmCalls().length, 1);
});

t.test('an npm that fails is told with what to look at, and the next run tries again', async (t) => {
  const { folder, setUp, npmCalls } = clone(t);
  writeFileSync(join(folder, 'npm-exit'), '7');
  for (const calls of [1, 2]) {
    const { code, stdout, stderr } = await setUp();
    t.equal(code, 1);
    t.equal(stdout, '', 'nothing was run');
    t.match(
      stderr,
      /\nnpm error: the registry is away\nrelay: RLY_SETUP: npm ci did not succeed; its own words are above\. /,
    );
    t.match(stderr, 'npm ping');
    t.equal(npmCalls().length, calls);
  }
});

t.test('the program gets its arguments, the Node chosen and its tools; its exit code is ours', async (t) => {
  const { folder, setUp } = clone(t);
  const { code, told } = await setUp('exit', '78', '--json', 'with blanks and *');
  t.equal(code, 78);
  const { args, node, path, proto } = told();
  t.strictSame(args, ['exit', '78', '--json', 'with blanks and *']);
  t.equal(node, process.execPath);
  t.strictSame(path.split(delimiter).slice(0, 2), [join(process.execPath, '..'), join(folder, 'node_modules/.bin')]);
  t.equal(proto, false, 'objects have no __proto__ there');
});

t.test('signals go through, and so does how the program ended', async (t) => {
  const { start, setUp } = clone(t);
  await setUp();
  for (const [args, expected] of [
    [['wait', '5'], 5],
    [['wait'], 128 + 15],
  ] as const) {
    const child = start('scripts/setup.mjs', '--run', 'src/main.ts', ...args);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    t.strictSame(await once(child, 'close'), [expected, null]);
  }
});

t.test('bin/relay.mjs runs the relay; in a clone with nothing installed it says how to begin', async (t) => {
  const { run, setUp } = clone(t);
  const before = await run('bin/relay.mjs', 'status');
  t.equal(before.code, 1);
  t.equal(
    before.stderr,
    'relay: RLY_SETUP: nothing is installed in this checkout yet. Run `npm run demo` once: it installs what is needed by itself.\n',
  );
  await setUp();
  const { code, told } = await run('bin/relay.mjs', 'exit', '3');
  t.equal(code, 3);
  t.strictSame(told().args, ['exit', '3']);
});
