import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CATALOGUE } from '../../src/errors/catalogue.ts';
import { root } from '../support/tool.ts';

const FAULTS = new Set(['client', 'upstream', 'storage', 'config', 'internal']);
const entries = Object.entries(CATALOGUE);

t.test('every entry says what happened in half a sentence, and what to do in whole ones', async (t) => {
  for (const [code, { fault, what, advice }] of entries) {
    t.match(code, /^RLY_[A-Z]+(_[A-Z]+)*$/);
    t.ok(FAULTS.has(fault), `${code}: ${fault}`);
    // A field may be first; a code of HTTP or a name is no new sentence.
    t.notMatch(what, /^\s|^[A-Z][a-z]|[.!?\s]$/, `${code}: ${what}`);
    t.match(advice, /^[A-Z`][^]*[^.\s]\.$/, `${code}: ${advice}`);
    t.notMatch(`${what} ${advice}`, /\s{2}|\n|'/, `${code}: one line, typographic apostrophes`);
  }
});

t.test('no entry has a brace that is no field', async (t) => {
  for (const [code, { what, advice }] of entries) {
    t.notMatch(`${what} ${advice}`.replace(/\{[a-z][A-Za-z0-9]*\}/g, ''), /[{}]/, code);
  }
});

t.test('no entry is left that nothing makes any more', async (t) => {
  const sources = globSync(['src/**/*.ts', 'plugins/**/*.ts', 'storage/**/*.ts'], { cwd: root })
    .filter((file) => !file.startsWith('src/errors/catalogue'))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');
  t.strictSame(
    entries.map(([code]) => code).filter((code) => !sources.includes(`'${code}'`)),
    [],
  );
});
