import t from 'tap';
import type { ManifestNotice } from '../../src/manifest/manifest.ts';
import { leftOut, readLegacyEntry, readOldEntry } from '../../src/manifest/old-entry.ts';

const entryOf = (value: string, key = 'Path') => ({ key, value, line: 9 });

function readOld(value: string) {
  const notices: ManifestNotice[] = [];
  return { object: readOldEntry(entryOf(value), 'program', 'Info_1_1_1_1', notices), notices };
}

t.test('a package has a path and a size, and sometimes a version between them', async (t) => {
  t.match(readOld('Product/a.zip,5'), {
    object: { path: 'Product/a.zip', version: null, size: 5, component: 'Info_1_1_1_1', kind: 'program', line: 9 },
    notices: [],
  });
  t.match(readOld('engine/a.zip, 12.5, 5').object, { version: '12.5', size: 5 });
});

t.test('nothing means no package; a lone word is junk that is told', async (t) => {
  t.strictSame(readOld(''), { object: undefined, notices: [] });
  t.strictSame(readOld('f'), {
    object: undefined,
    notices: [{ line: 9, text: 'Path=f was left out: a path without a size names no object' }],
  });
});

t.test('what does name an object has to name it well', async (t) => {
  t.throws(() => readOld('../a.zip, 5'), { code: 'RLY_MANIFEST_PATH', fields: { line: 9 } });
  t.throws(() => readOld(', 5'), { code: 'RLY_MANIFEST_PATH', fields: { line: 9 } });
  t.throws(() => readOld('a.zip, f'), { code: 'RLY_MANIFEST_SIZE', fields: { line: 9 } });
  t.throws(() => readOld('a.zip,'), { code: 'RLY_MANIFEST_SIZE', fields: { line: 9, found: 'nothing' } });
  t.throws(() => readOld('a.zip, 1, 2, 3'), { code: 'RLY_MANIFEST_SYNTAX', fields: { line: 9 } });
});

t.test('legacy keys are known by how they begin, in any case', async (t) => {
  const notices: ManifestNotice[] = [];
  const read = (key: string) => readLegacyEntry(entryOf('a.zip, 5', key), 'pattern', notices);
  t.match(read('PATH_VSAPI'), { kind: 'pattern', component: 'PATH_VSAPI' });
  t.match(read('MergePath_VSAPI.12'), { kind: 'incremental', component: 'MergePath_VSAPI.12' });
  for (const key of ['Version', 'MergeCount', 'Merge.3']) t.equal(read(key), undefined, key);
  t.strictSame(notices, []);
  t.equal(read('Unheard'), undefined);
  t.strictSame(notices, [leftOut(entryOf('a.zip, 5', 'Unheard'), 'the relay does not know this key')]);
});
