import t from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import {
  compareVersions,
  componentFiles,
  versionsOf,
  versionSteps,
  type ComponentFiles,
} from '../../src/manifest/versions.ts';

t.test('versions are compared number by number', async (t) => {
  t.ok(compareVersions('12.10.1', '12.5.1004') > 0);
  t.ok(compareVersions('999', '1000') < 0);
  t.equal(compareVersions('6.2.4035', '6.2.4035'), 0);
});

const catalogue = createCatalogue({ shape: 'small' });
const steps = (found: ComponentFiles, held: ComponentFiles) => versionSteps(versionsOf(found), versionsOf(held));
const files = (release: number) => componentFiles(parseManifest(catalogue.release(release).index));

t.test('an earlier release is older in what has changed since, and newer in nothing', async (t) => {
  const [earlier, later] = [files(2), files(5)];
  const { older, newer } = steps(earlier, later);
  t.match(older, [{ component: 'P.4', found: '1998700', held: '1999300' }]);
  t.ok(older.length > 3, 'and in others');
  t.strictSame(newer, []);
  t.strictSame(steps(later, earlier).older, []);
  t.equal(steps(later, earlier).newer.length, older.length);
  t.strictSame(steps(earlier, earlier), { older: [], newer: [] });
});

t.test('one component that went back shows among others that went on', async (t) => {
  const later = files(5).map(({ component, kind, version }) => ({
    component,
    kind,
    version: component === 'P.4' ? '1' : version,
  }));
  const { older, newer } = steps(later, files(4));
  t.match(older, [{ component: 'P.4', found: '1' }]);
  t.ok(newer.length > 0);
});

t.test(
  'components that only one of them lists, versions that are not given, and incrementals say nothing',
  async (t) => {
    const silent = { older: [], newer: [] };
    t.strictSame(steps([], files(5)), silent);
    t.strictSame(steps(files(5), []), silent);
    const unversioned = files(2).map(({ component, kind }) => ({ component, kind, version: null }));
    t.strictSame(steps(unversioned, files(5)), silent);
    t.strictSame(steps(files(5), unversioned), silent);
    const incrementals = files(2).filter(({ kind }) => kind === 'incremental');
    t.ok(incrementals.length > 0);
    t.strictSame(steps(incrementals, files(5)), silent);
  },
);
