import t from 'tap';
import { diffManifests } from '../../src/manifest/diff.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import { sampleIndex, toIndex } from '../support/sample-index.ts';

const parse = (...lines: readonly string[]) => parseManifest(toIndex('[PATTERN]', ...lines));

t.test('before the first index everything is new', async (t) => {
  const after = parseManifest(sampleIndex());
  const { components, toFetch, programsToFetch } = diffManifests(null, after);
  t.equal(components.length, 57);
  t.ok(components.every(({ change, before }) => change === 'new' && before === null));
  t.equal(toFetch.objects, 145);
  t.equal(programsToFetch.objects, 6);
  t.equal(toFetch.bytes + programsToFetch.bytes, after.totalSize);
});

t.test('the same index is no change', async (t) => {
  const nothing = { objects: 0, bytes: 0 };
  t.strictSame(diffManifests(parseManifest(sampleIndex()), parseManifest(sampleIndex('\r\n'))), {
    components: [],
    toFetch: nothing,
    programsToFetch: nothing,
  });
});

t.test('new, changed and gone components are told with versions and bytes to fetch', async (t) => {
  const before = parse('P.1=same.zip, 1, 10', 'P.4=virus.zip, 1724100, 20', 'P.3=old.zip, 7, 30');
  const after = parse(
    'P.1=same.zip, 1, 10',
    'P.4=virus.zip, 1724300, 21',
    'P.4.MergeCount=1',
    'P.4.Merge.1=v_241.243, 1724100, 2',
    'P.9=new.zip, 1, 40',
  );
  t.strictSame(diffManifests(before, after), {
    components: [
      { id: 'P.4', name: 'Virus Pattern', change: 'changed', before: '1724100', after: '1724300', bytes: 23 },
      { id: 'P.9', name: 'P.9', change: 'new', before: null, after: '1', bytes: 40 },
      { id: 'P.3', name: 'P.3', change: 'gone', before: '7', after: null, bytes: 0 },
    ],
    toFetch: { objects: 3, bytes: 63 },
    programsToFetch: { objects: 0, bytes: 0 },
  });
});

t.test('a name that stays with another size or version is another object', async (t) => {
  const before = parse('P.1=fixed.zip, 1, 10');
  t.equal(diffManifests(before, parse('P.1=fixed.zip, 2, 10')).toFetch.bytes, 10);
  t.equal(diffManifests(before, parse('P.1=fixed.zip, 1, 11')).toFetch.bytes, 11);
  t.equal(diffManifests(before, parse('P.1=Fixed.zip, 1, 10')).toFetch.bytes, 0, 'case is no difference');
});

t.test('an incremental that is no longer offered changes its component, with nothing to fetch', async (t) => {
  const before = parse('P.1=a.zip, 1, 10', 'P.1.MergeCount=1', 'P.1.Merge.1=a.1, 0, 5');
  t.match(diffManifests(before, parse('P.1=a.zip, 1, 10')), {
    components: [{ id: 'P.1', change: 'changed', before: '1', after: '1', bytes: 0 }],
    toFetch: { objects: 0, bytes: 0 },
  });
});

t.test('what two components share crosses the network once', async (t) => {
  const { components, toFetch } = diffManifests(null, parse('P.1=a.zip, 1, 10', 'P.2=a.zip, 1, 10'));
  t.strictSame(
    components.map(({ bytes }) => bytes),
    [10, 10],
  );
  t.strictSame(toFetch, { objects: 1, bytes: 10 });
});
