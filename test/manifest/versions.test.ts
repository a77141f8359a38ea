import t from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import type { Component } from '../../src/manifest/model.ts';
import { compareVersions, isBehind } from '../../src/manifest/versions.ts';

t.test('versions are compared number by number', async (t) => {
  t.ok(compareVersions('12.10.1', '12.5.1004') > 0);
  t.ok(compareVersions('999', '1000') < 0);
  t.equal(compareVersions('6.2.4035', '6.2.4035'), 0);
});

const catalogue = createCatalogue({ shape: 'small' });
const manifest = (release: number) => parseManifest(catalogue.release(release).index);

t.test('an earlier release is behind a later one, and never the other way round', async (t) => {
  t.ok(isBehind(manifest(2), manifest(5)));
  t.notOk(isBehind(manifest(5), manifest(2)));
  t.notOk(isBehind(manifest(3), manifest(3)));
});

t.test('an index that has something newer too is of another product, not of an earlier moment', async (t) => {
  const earlier = manifest(2);
  const [first, ...rest] = earlier.components;
  const newer = { ...first, full: { ...first?.full, version: '999999999' } } as Component;
  t.notOk(isBehind({ ...earlier, components: [newer, ...rest] }, manifest(5)));
});

t.test('components that only one of them lists, and versions that are not given, say nothing', async (t) => {
  const later = manifest(5);
  t.notOk(isBehind({ ...manifest(2), components: [] }, later));
  const unversioned = manifest(2).components.map(({ full, ...component }): Component => {
    return Object.assign(component, { full: Object.assign(full, { version: null }) });
  });
  t.notOk(isBehind({ ...manifest(2), components: unversioned }, later));
});
