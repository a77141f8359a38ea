import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import t from 'tap';
import { root } from '../support/tool.ts';

/**
 * Which parts of the house a part may import from, besides itself. Imports point one way; what is not here is refused.
 * ARCHITECTURE.md shows the same as a picture.
 */
const BASE = ['errors', 'ports'];
const MAY_IMPORT: Record<string, readonly string[]> = {
  errors: [],
  ports: ['errors'],
  config: [...BASE],
  manifest: [...BASE],
  archive: [...BASE],
  terminal: [...BASE],
  upstream: [...BASE, 'config'],
  policy: [...BASE, 'config', 'manifest', 'upstream'],
  flight: [...BASE, 'archive', 'config', 'manifest', 'policy', 'upstream'],
  mirror: [...BASE, 'archive', 'config', 'flight', 'manifest', 'policy', 'upstream'],
  'pull-through': [...BASE, 'archive', 'config', 'flight', 'manifest', 'policy', 'upstream'],
  delivery: [...BASE, 'config', 'manifest', 'policy'],
  fleet: [...BASE],
  agent: [...BASE, 'manifest', 'policy', 'upstream'],
  telemetry: [...BASE, 'manifest', 'mirror', 'policy', 'upstream'],
  lab: [...BASE, 'agent', 'manifest'],
  storage: [...BASE],
  plugins: [...BASE, 'delivery', 'mirror', 'policy', 'telemetry'],
  app: ['*'],
  commands: ['*'],
  main: ['*'],
  version: [],
};

/** Packages that only some parts may know. Everything else may be imported anywhere. */
const RESERVED: Record<string, readonly string[]> = {
  fastify: ['plugins', 'app'],
  'fastify-plugin': ['plugins'],
  '@fastify/type-provider-typebox': ['plugins'],
  undici: ['upstream'],
  pino: ['telemetry'],
  'prom-client': ['telemetry'],
  'http-cache-semantics': ['pull-through'],
};

const files = globSync(['src/**/*.ts', 'plugins/**/*.ts', 'storage/**/*.ts'], { cwd: root });

function partOf(file: string): string {
  const [top = '', second = ''] = file.split('/');
  return top === 'src' ? second.replace(/\.ts$/, '') : top;
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gms)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

t.test('imports point one way', async (t) => {
  const wrong: string[] = [];
  for (const file of files) {
    const part = partOf(file);
    const allowed = MAY_IMPORT[part];
    if (!allowed) {
      wrong.push(`${file}: "${part}" is no part this test knows; say in it what it may import`);
      continue;
    }
    for (const name of importsOf(file)) {
      if (name.startsWith('.')) {
        const target = partOf(relative(root, join(root, dirname(file), name)));
        const fine = target === part || allowed.includes('*') || allowed.includes(target);
        if (!fine && !name.endsWith('.json')) wrong.push(`${file} imports ${target} (${name})`);
      } else {
        const guests = RESERVED[name];
        if (guests && !guests.includes(part)) wrong.push(`${file} imports ${name}, which is for ${guests.join(', ')}`);
      }
    }
  }
  t.strictSame(wrong, []);
  t.ok(files.length > 40, 'the test saw the house');
});

t.test('only main.ts ends the process', async (t) => {
  const enders = files.filter((file) =>
    /\bprocess\.(exit|exitCode|abort)\b/.test(readFileSync(join(root, file), 'utf8')),
  );
  t.strictSame(enders, ['src/main.ts']);
});

t.test('every file has one subject: none is longer than 320 lines', async (t) => {
  const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 321);
  t.strictSame(long, []);
});
