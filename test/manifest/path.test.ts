import t from 'tap';
import { parseManifest } from '../../src/manifest/manifest.ts';
import { canonicalPath, pathFlaw, signaturePath, signaturePaths } from '../../src/manifest/path.ts';
import { toIndex } from '../support/sample-index.ts';

t.test('a canonical path folds ASCII case and nothing else', async (t) => {
  t.equal(canonicalPath('Pattern/VSAPI241.zip'), 'pattern/vsapi241.zip');
  t.equal(canonicalPath('product/already'), 'product/already');
  t.equal(canonicalPath('Größe/\u212a'), 'größe/\u212a', 'the Kelvin sign is no k');
});

t.test('a relative path with forward slashes has no flaw', async (t) => {
  for (const path of ['a', 'pattern/v_239.241', 'rr/rr_1.1.00.zip', 'a b/c (1).zip', 'größe.zip', '.hidden', '...']) {
    t.equal(pathFlaw(path), undefined, path);
  }
  t.equal(pathFlaw('x'.repeat(1024)), undefined, 'the longest');
});

t.test('a path that could mean another place is told what is wrong with it', async (t) => {
  const cases: [string, RegExp][] = [
    ['', /empty/],
    ['/etc/passwd', /absolute/],
    ['//host/share', /absolute/],
    ['a//b', /empty segment/],
    ['a/', /empty segment/],
    ['.', /\. or \.\./],
    ['a/./b', /\. or \.\./],
    ['../a', /\. or \.\./],
    ['a/..', /\. or \.\./],
    ['\\\\host\\share', /backslash/],
    ['..\\a', /backslash/],
    ['C:/a', /colon/],
    ['https://example.com/a', /colon/],
    ['a.zip:stream', /colon/],
    ['a%2e%2e/b', /% \? #/],
    ['a?b', /% \? #/],
    ['a#b', /% \? #/],
    ['a\u0000b', /control/],
    ['a\tb', /control/],
    ['a\u0085b', /control/],
    ['a\u2028b', /control/],
    ['a\ufffdb', /UTF-8/],
    ['a\ud800b', /valid text/],
    ['x'.repeat(1025), /longer than 1024/],
  ];
  for (const [path, reason] of cases)
    t.match(pathFlaw(path) ?? 'no flaw', reason, encodeURI(path.toWellFormed()).slice(0, 40));
});

t.test('a signature has the name of its object with .sig for the last extension', async (t) => {
  t.equal(signaturePath('pattern/v_239.241'), 'pattern/v_239.sig');
  t.equal(signaturePath('pattern/rr/rr_1.10739.00.zip'), 'pattern/rr/rr_1.10739.00.sig');
  t.equal(signaturePath('Product/nvwl.tar.gz'), 'Product/nvwl.tar.sig');
  t.equal(signaturePath('bare'), 'bare.sig');
  t.equal(signaturePath('v1.2/bare'), 'v1.2/bare.sig', 'a dot in a folder is no extension');
  t.equal(signaturePath('a/.hidden'), 'a/.hidden.sig');
});

t.test('each place of a signature comes once, and never where an object lies', async (t) => {
  const manifest = parseManifest(
    toIndex(
      '[PATTERN]',
      'P.4=pattern/v_239.zip, 7, 10',
      'P.4.MergeCount=1',
      'P.4.Merge.1=Pattern/V_239.241, 6, 11',
      'P.5=pattern/taken.zip, 1, 12',
      'P.6=pattern/Taken.sig, 1, 13',
      '[Info_1_1_1_1]',
      'Path=Product/a.zip, 5',
    ),
  );
  t.strictSame(signaturePaths(manifest), [
    { path: 'pattern/v_239.sig', key: 'pattern/v_239.sig', component: 'P.4' },
    { path: 'Product/a.sig', key: 'product/a.sig', component: 'Info_1_1_1_1' },
  ]);
});
