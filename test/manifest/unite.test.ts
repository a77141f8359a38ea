import t from 'tap';
import type { Component, ManifestKind, ManifestObject } from '../../src/manifest/manifest.ts';
import { canonicalPath } from '../../src/manifest/path.ts';
import { uniteObjects } from '../../src/manifest/unite.ts';

function object(
  path: string,
  size: number,
  line: number,
  kind: ManifestKind = 'pattern',
  version = '1',
): ManifestObject {
  return { path, key: canonicalPath(path), kind, component: 'P.1', version, size, line };
}

function component(full: ManifestObject, ...incrementals: ManifestObject[]): Component {
  return { id: 'P.1', kind: 'pattern', name: 'P.1', full, incrementals, minimumVersion: null };
}

const none = { components: [], legacy: [], programs: [] };

t.test('components and legacy keys come in the order of the file, programs apart', async (t) => {
  const [a, b, c, d] = [object('a', 1, 8), object('b', 2, 4), object('c', 3, 6), object('d', 4, 2, 'program')] as const;
  t.strictSame(uniteObjects({ components: [component(a, b)], legacy: [c], programs: [d] }), {
    objects: [b, c, a],
    programs: [d],
    notices: [],
  });
});

t.test('one content may be listed by several components', async (t) => {
  const first = object('a', 1, 2);
  const { objects } = uniteObjects({ ...none, components: [component(first), component(object('A', 1, 3))] });
  t.strictSame(objects, [first]);
});

t.test('a path with two contents among components is refused with both lines', async (t) => {
  const first = object('a.zip', 1, 2);
  for (const second of [
    object('A.zip', 2, 3),
    object('a.zip', 1, 3, 'engine'),
    object('a.zip', 1, 3, 'pattern', '2'),
  ]) {
    t.throws(() => uniteObjects({ ...none, components: [component(first), component(second)] }), {
      code: 'RLY_MANIFEST_CONFLICT',
      fields: { line: 3, first: 2, path: second.path, expected: 'pattern 1 of 1 bytes' },
    });
  }
});

t.test('a legacy key may repeat a component with another version, but not with another size', async (t) => {
  const first = object('a', 1, 5);
  const components = [component(first)];
  const repeated = { ...object('a', 1, 4), version: null };
  t.strictSame(uniteObjects({ ...none, components, legacy: [repeated] }).objects, [first]);
  t.throws(() => uniteObjects({ ...none, components, legacy: [{ ...repeated, size: 2 }] }), {
    code: 'RLY_MANIFEST_CONFLICT',
    fields: { line: 4, first: 5, found: 'pattern without a version of 2 bytes' },
  });
});

t.test('a program that comes again is one; one of another size than the first is left out and told', async (t) => {
  const first = object('Product/a', 1, 2, 'program');
  const programs = [first, object('product/A', 1, 3, 'program'), object('product/a', 7, 4, 'program')];
  t.strictSame(uniteObjects({ ...none, programs }), {
    objects: [],
    programs: [first],
    notices: [{ line: 4, text: 'product/a of 7 bytes was left out: line 2 says 1 bytes' }],
  });
});

t.test('a program gives way to a component of the same path', async (t) => {
  const full = object('a', 1, 9);
  const united = uniteObjects({
    ...none,
    components: [component(full)],
    programs: [object('a', 1, 1, 'program'), object('a', 2, 2, 'program')],
  });
  t.strictSame(united.programs, []);
  t.strictSame(united.objects, [full]);
  t.match(united.notices, [{ line: 2 }]);
});
