import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import t from 'tap';
import { type Ended, run } from '../storage/child.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { needs, root } from '../support/tool.ts';

// Milliseconds. The installation alone takes half a minute.
t.setTimeout(900_000);

const folder = temporaryFolder(t);
const clone = join(folder, 'clone');
const home = join(folder, 'home');
const env = strangersEnvironment();

/** That of somebody with whatever Node the machine has: no npm run around it, no cache, none of our tools on the PATH. */
function strangersEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(npm_|init_cwd|tap|node_|relay_|xdg_)/i;
  const theirs = Object.entries(process.env).filter(([name]) => !ours.test(name) || name === 'NODE_EXTRA_CA_CERTS');
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((part) => !part.includes('node_modules'));
  return { ...Object.fromEntries(theirs), HOME: home, PATH: path.join(delimiter) };
}

/** Copies what git knows of; answers what stands in the way of that, or of installing anything. */
function prepare(): string | false {
  const { skip } = needs('git', 'npm');
  if (skip) return skip;
  const listed = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  if (listed.status !== 0) return 'this is no git checkout';
  const files = listed.stdout.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));
  for (const file of files) cpSync(join(root, file), join(clone, file));
  mkdirSync(home);
  return spawnSync('npm', ['ping'], { cwd: clone, env }).status === 0 ? false : 'no npm registry can be reached';
}

function npm(...args: string[]): Promise<Ended> {
  return run(['npm', ...args], (child) => t.teardown(() => child.kill()), { cwd: clone, env });
}

t.test('in a clean clone one command shows the product', { skip: prepare() }, async (t) => {
  const stamp = join(clone, 'node_modules', '.relay-setup');
  const theirs = spawnSync('node', ['--version'], { env, encoding: 'utf8' }).stdout.trim();
  const first = await npm('run', 'demo', '--', '--once');
  t.equal(first.code, 0, 'the first run ends well', { stderr: first.stderr });
  t.match(first.stdout, /as released/, `with Node ${theirs}`);
  t.match(first.stderr, /first run: installing/);
  const installedAt = statSync(stamp).mtimeMs;

  const second = await npm('run', 'demo', '--', '--once');
  t.equal(second.code, 0, 'so does the second', { stderr: second.stderr });
  t.equal(second.stderr, '', 'nothing is installed again');
  t.equal(statSync(stamp).mtimeMs, installedAt);

  const command = await run(['npx', 'relay', '--version'], undefined, { cwd: clone, env });
  t.match(command, { code: 0, stdout: /^\d+\.\d+\.\d+\n$/ });
});
