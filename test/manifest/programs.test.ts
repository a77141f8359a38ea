import t from 'tap';
import type { ManifestNotice } from '../../src/manifest/manifest.ts';
import { readPrograms } from '../../src/manifest/programs.ts';
import { scanSections } from '../../src/manifest/scan.ts';
import { toIndex } from '../support/sample-index.ts';

t.test('packages are Path and Update_Path of the Info sections, as often as they are listed', async (t) => {
  const notices: ManifestNotice[] = [];
  const sections = scanSections(
    toIndex(
      '[Common]',
      'Path=product/not-this.zip, 1',
      '[Info_1_45000_1_1]',
      'Version=4.6',
      'Update_Path=Product/up.zip,24',
      'Path=Product/a.zip, 30',
      '[info_1_45000_4_1]',
      'Path=f',
      'Update_Path=Product/up.zip,24',
      'EngineType=a.zip, 4',
    ),
  );
  t.match(readPrograms(sections.values(), notices), [
    { path: 'Product/up.zip', kind: 'program', component: 'Info_1_45000_1_1', version: null, size: 24, line: 5 },
    { path: 'Product/a.zip', kind: 'program', component: 'Info_1_45000_1_1', version: null, size: 30, line: 6 },
    { path: 'Product/up.zip', kind: 'program', component: 'info_1_45000_4_1', version: null, size: 24, line: 9 },
  ]);
  t.match(notices, [{ line: 8 }]);
});
