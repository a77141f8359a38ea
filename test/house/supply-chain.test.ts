import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../support/tool.ts';

interface Packages {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly integrity?: string }>>;
}

const REGISTRY = 'https://registry.npmjs.org/';

const json = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));
const { dependencies, devDependencies, optionalDependencies } = json('package.json') as Packages;
const lock = Object.entries((json('package-lock.json') as Lock).packages).filter(([path]) => path !== '');

t.test('every dependency is pinned to one version, and has its line in docs/dependencies.md', async (t) => {
  const page = readFileSync(join(root, 'docs', 'dependencies.md'), 'utf8');
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
    t.match(version, /^\d+\.\d+\.\d+$/, `${name} ${version} is exact`);
    const lines = page.split('\n').filter((line) => line.includes(`\`${name}\``));
    t.ok(
      lines.some((line) => line.includes(version)),
      `${name} ${version} has a line`,
    );
  }
});

t.test(
  'every package of the lockfile is known by its hash, and none comes from anywhere but the registry',
  async (t) => {
    const strange = lock.filter(
      ([, { resolved, integrity = '' }]) =>
        !(resolved ?? REGISTRY).startsWith(REGISTRY) || !/^sha512-[\w+/]{86}==$/.test(integrity),
    );
    t.strictSame(
      strange.map(([path]) => path),
      [],
    );
    t.ok(lock.length > 100, 'the test saw the lockfile');
  },
);

t.test('nothing that is installed runs code while it is installed', async (t) => {
  for (const file of ['scripts/setup.mjs', 'Dockerfile']) {
    const text = readFileSync(join(root, file), 'utf8');
    t.match(text, /'ci'|npm ci/, `${file} installs`);
    t.match(text, '--ignore-scripts', `${file} lets nothing run`);
  }
});

interface Component {
  readonly name: string;
  readonly version: string;
  readonly properties: readonly { readonly name: string }[];
  readonly hashes: readonly { readonly alg: string }[];
}

t.test('`npm run sbom` lists all of it, and marks what is for development only', async (t) => {
  const { stdout } = spawnSync('npm', ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 24 });
  const bill = JSON.parse(stdout) as { readonly bomFormat: string; readonly components: readonly Component[] };
  t.equal(bill.bomFormat, 'CycloneDX');
  const find = (name: string, version: string): Component | undefined =>
    bill.components.find((component) => component.name === name && component.version === version);
  const isForDevelopment = ({ properties }: Component): boolean =>
    properties.some(({ name }) => name === 'cdx:npm:package:development');
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    const component = find(name, version);
    t.ok(component && isForDevelopment(component) === name in devDependencies, name);
    t.match(component?.hashes, [{ alg: 'SHA-512' }], name);
  }
});
