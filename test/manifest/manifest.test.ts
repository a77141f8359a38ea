import { readFile } from 'node:fs/promises';
import t from 'tap';
import { parseManifest, type Manifest } from '../../src/manifest/manifest.ts';
import { signaturePaths } from '../../src/manifest/path.ts';
import { SAMPLE_COUNTS, sampleIndex, toIndex } from '../support/sample-index.ts';

function countsOf({ components, objects }: Manifest) {
  const patterns = components.filter(({ kind }) => kind === 'pattern');
  return {
    patterns: patterns.length,
    incrementals: patterns.reduce((sum, { incrementals }) => sum + incrementals.length, 0),
    engines: components.length - patterns.length,
    componentObjects: objects.filter(({ kind }) => kind !== 'program').length,
  };
}

t.test('an index with all the quirks of a real one is understood', async (t) => {
  const bytes = sampleIndex();
  const manifest = parseManifest(bytes);
  t.strictSame(countsOf(manifest), SAMPLE_COUNTS);
  t.strictSame(
    manifest.programs.map(({ path, size }) => [path, size]),
    [
      ['Product/Guard1.zip', 2715],
      ['Product/Up1.zip', 24],
      ['product/Patch.zip', 154],
      ['product/Lite.tar.gz', 25142],
      ['product/Patch64.zip', 176],
      ['product/Lite64.zip', 31116],
    ],
  );
  t.match(manifest.notices, [{ text: /^Path=f was left out/ }]);
  t.equal(manifest.notices.length, 1);
  t.match(manifest.components[0], {
    id: 'P.4',
    name: 'Virus Pattern',
    full: { path: 'pattern/virus.zip', version: '1950100' },
  });
  t.match(manifest.components[0]?.incrementals[1], { path: 'pattern/virus_f00.950100', version: '1949700' });
  t.equal(
    manifest.totalSize,
    manifest.objects.reduce((sum, { size }) => sum + size, 0),
  );
  t.equal(new Set(manifest.objects.map(({ key }) => key)).size, manifest.objects.length, 'each path once');
});

t.test('CRLF and a byte order mark change nothing but the bytes', async (t) => {
  const plain = parseManifest(sampleIndex());
  const bytes = Buffer.concat([Buffer.from('\ufeff'), sampleIndex('\r\n')]);
  const manifest = parseManifest(bytes);
  t.strictSame({ ...manifest, bytes: null }, { ...plain, bytes: null });
  t.ok(manifest.bytes.equals(bytes));
});

t.test('a legacy key that no modern one repeats is an object, and not a component', async (t) => {
  const { components, objects } = parseManifest(
    toIndex('[PATTERN]', 'P.4=a.zip, 1, 10', 'Path_OLD=old.zip, 20', '[ENGINE]', 'Path_OLDER=older.zip, 3.0, 30'),
  );
  t.equal(components.length, 1);
  t.strictSame(
    objects.map(({ component, size, line }) => [component, size, line]),
    [
      ['P.4', 10, 2],
      ['Path_OLD', 20, 3],
      ['Path_OLDER', 30, 5],
    ],
  );
});

t.test('the bytes are kept, and are not the caller’s', async (t) => {
  const bytes = sampleIndex();
  const { bytes: kept } = parseManifest(new Uint8Array(bytes));
  t.ok(kept.equals(bytes));
  const callers = sampleIndex();
  const manifest = parseManifest(callers);
  callers.fill(0);
  t.ok(manifest.bytes.equals(bytes));
});

t.test('an INI file without a pattern is no index', async (t) => {
  t.throws(() => parseManifest(toIndex('[General]', 'a=b')), {
    code: 'RLY_MANIFEST_NOT_AN_INDEX',
    fields: { reason: 'it has no [PATTERN] section', found: '"[General]\\na=b\\n"' },
  });
  for (const index of [
    toIndex('[PATTERN]'),
    toIndex('[PATTERN]', 'Path_VSAPI=a.zip, 1', '[ENGINE]', 'E.1=N, b.zip, 1, 1'),
  ]) {
    t.throws(() => parseManifest(index), {
      code: 'RLY_MANIFEST_NOT_AN_INDEX',
      fields: { reason: 'it lists no pattern in [PATTERN]' },
    });
  }
});

t.test('more than there is room for is refused at the line that goes beyond', async (t) => {
  const index = toIndex('[PATTERN]', 'P.1=a.zip, 1, 10', 'P.2=b.zip, 1, 20', '[Info_1_1_1_1]', 'Path=c.zip, 5');
  t.equal(parseManifest(index, { maxTotal: 35 }).totalSize, 35);
  t.throws(() => parseManifest(index, { maxTotal: 34 }), {
    code: 'RLY_MANIFEST_TOO_LARGE',
    fields: { line: 5, path: 'c.zip', found: 35, expected: 34 },
  });
});

t.test('notices come in the order of the file', async (t) => {
  const { notices } = parseManifest(
    toIndex('[Info_1_1_1_1]', 'Path=f', '[ENGINE]', 'Odd=1', '[PATTERN]', 'P.1=a.zip, 1, 10', 'Odder=2'),
  );
  t.strictSame(
    notices.map(({ line }) => line),
    [2, 4, 7],
  );
});

const sample = process.env['RELAY_SAMPLE_INDEX'];
const skip = sample ? false : 'RELAY_SAMPLE_INDEX names no real server.ini';
t.test('a real index of 2024 gives what was counted in it by hand', { skip }, async (t) => {
  const bytes = await readFile(sample ?? '');
  const manifest = parseManifest(bytes);
  t.strictSame(countsOf(manifest), SAMPLE_COUNTS);
  t.equal(signaturePaths(manifest).filter(({ component }) => !component.startsWith('Info_')).length, 145);
  t.match(manifest.notices, [{ text: /^Path=f / }]);
  t.ok(manifest.bytes.equals(bytes));
});
