import t from 'tap';
import { parseYaml } from '../../src/config/yaml-file.ts';

const found = (text: string) => parseYaml(text, 'f').problems.map((problem) => `${problem.where} ${problem.found}`);

t.test('values are plain, and each can be found again', async (t) => {
  const file = parseYaml('a:\n  b: 1\n  c:\n    - x\n    - y\nd: { e: 2 }\n', 'f');
  t.strictSame(file.tree, { a: { b: 1, c: ['x', 'y'] }, d: { e: 2 } });
  t.strictSame(file.problems, []);
  t.equal(file.at([]), 'f:1');
  t.equal(file.at(['a']), 'f:1');
  t.equal(file.at(['a', 'b']), 'f:2');
  t.equal(file.at(['a', 'c', 1]), 'f:5');
  t.equal(file.at(['d', 'e']), 'f:6');
  t.equal(parseYaml('a:\n  - 1\n  - [2]\n', 'f').at(['a', 1]), 'f:3');
});

t.test('what cannot be found is where the nearest thing around it is', async (t) => {
  const file = parseYaml('a: &x\n  b: [1]\nc: *x\n', 'f');
  t.equal(file.at(['c', 'b', 0]), 'f:3');
  t.equal(file.at(['a', 'z']), 'f:1');
});

t.test('text that is not YAML has no values, and each error has its line', async (t) => {
  t.strictSame(parseYaml('a: 1\nb: [1\nc: 2\n', 'f').tree, undefined);
  t.match(found('a: 1\nb: c: d\n'), [/^f:2 what is not plain YAML \(Nested mappings/]);
  t.match(found('a:\n\tb: 1\n'), [/^f:2 .*Tabs/]);
  t.match(found('a: 1\n--- \nb: 1\n'), [/^f:2 .*multiple documents/]);
  t.match(found('a: 1\n? [b]\n: 1\n'), [/^f:2 .*keys must be strings/]);
});

t.test('a key that stands twice is an error at the second, and the rest can still be judged', async (t) => {
  t.strictSame(found('a: 1\nb: 1\na: 2\n'), ['f:3 a key that stands here a second time']);
  t.match(parseYaml('a: 1\nb: 1\na: 2\n', 'f').tree, { b: 1 });
});

t.test('tags are refused, for they would be ignored', async (t) => {
  t.match(found('a: 1\nb: !!binary aGk=\n'), [/^f:2 .*Unresolved tag/]);
  t.match(found('a: !env SECRET\n'), [/^f:1 .*Unresolved tag/]);
});

t.test('an alias is its value; without an anchor it is an error', async (t) => {
  t.strictSame(parseYaml('a: &x [1]\nb: *x\n', 'f').tree, { a: [1], b: [1] });
  t.match(found('a: 1\na: *x\n'), [/^f:2 a key/, /^f aliases that cannot be resolved .*: x/]);
});

t.test('a bomb of aliases is refused before it expands', async (t) => {
  const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(', ')}]`);
  t.match(found(`l0: &l0 [x]\n${levels.join('\n')}\n`), [/^f aliases that cannot be resolved .*Excessive alias count/]);
});

t.test('nesting as deep as the stack is an error like others', async (t) => {
  t.match(found('['.repeat(100_000))[0], /^f:1 /);
  t.match(found('- '.repeat(100_000))[0], /^f:1 /);
});
