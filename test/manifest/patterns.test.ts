import t from 'tap';
import { readPatterns } from '../../src/manifest/patterns.ts';
import { scanSections, type Section } from '../../src/manifest/scan.ts';
import { toIndex } from '../support/sample-index.ts';

// Lines of entries count from 2: the header is line 1.
function section(...lines: readonly string[]): Section {
  const found = scanSections(toIndex('[PATTERN]', ...lines)).get('pattern');
  if (!found) throw new Error('toIndex made no section');
  return found;
}

t.test('a pattern has its full file and its incrementals in their order, wherever they stand', async (t) => {
  const { components, legacy, notices } = readPatterns(
    section(
      'P.4.Merge.2=pattern/v_7.9,7,22',
      'P.4.MergeCount=2',
      'P.4=pattern/v9.zip, 900, 33',
      'P.4.Merge.1=pattern/v_8.9, 8, 11',
    ),
  );
  const of = { component: 'P.4', kind: 'incremental' } as const;
  t.strictSame(components, [
    {
      id: 'P.4',
      kind: 'pattern',
      name: 'Virus Pattern',
      full: {
        ...of,
        kind: 'pattern',
        path: 'pattern/v9.zip',
        key: 'pattern/v9.zip',
        version: '900',
        size: 33,
        line: 4,
      },
      incrementals: [
        { ...of, path: 'pattern/v_8.9', key: 'pattern/v_8.9', version: '8', size: 11, line: 5 },
        { ...of, path: 'pattern/v_7.9', key: 'pattern/v_7.9', version: '7', size: 22, line: 2 },
      ],
      minimumVersion: null,
    },
  ]);
  t.strictSame(legacy, []);
  t.strictSame(notices, []);
});

t.test('each of the three counts is understood, and the flag of incremental updates', async (t) => {
  for (const count of ['MergeCount', 'MergeCountEx', 'MergeCountIU', 'mergecount']) {
    const { components, notices } = readPatterns(
      section('P.7=a.zip, 2, 1', 'P.7.IU=1001', `P.7.${count}=1`, 'P.7.Merge.1=a.1, 1, 1'),
    );
    t.equal(components[0]?.incrementals.length, 1, count);
    t.strictSame(notices, []);
  }
  t.equal(readPatterns(section('P.7=a.zip, 2, 1', 'P.7.MergeCount=0')).components.length, 1);
});

t.test('a count that disagrees with the entries is refused, and both are named', async (t) => {
  t.throws(() => readPatterns(section('P.7=a.zip, 2, 1', 'P.7.MergeCountEx=3', 'P.7.Merge.1=a.1, 1, 1')), {
    code: 'RLY_MANIFEST_COUNT',
    fields: { line: 3, component: 'P.7', found: '1 listed', expected: '3, as P.7.MergeCountEx says' },
  });
  t.throws(() => readPatterns(section('P.7=a.zip, 2, 1', 'P.7.MergeCount=1')), {
    code: 'RLY_MANIFEST_COUNT',
    fields: { line: 3, found: '0 listed' },
  });
  t.throws(() => readPatterns(section('P.7=a.zip, 2, 1', 'P.7.Merge.1=a.1, 1, 1')), {
    code: 'RLY_MANIFEST_COUNT',
    fields: { line: 3, found: '1 listed and no count', expected: 'P.7.MergeCount' },
  });
  t.throws(() => readPatterns(section('P.7.MergeCount=2')), { code: 'RLY_MANIFEST_COUNT', fields: { line: 2 } });
});

t.test('a hole among the incrementals is refused', async (t) => {
  for (const n of ['3', '02', '0', 'x', '2.5', '']) {
    t.throws(
      () =>
        readPatterns(
          section('P.7=a.zip, 2, 1', 'P.7.MergeCount=2', 'P.7.Merge.1=a.1, 1, 1', `P.7.Merge.${n}=a.2, 1, 1`),
        ),
      { code: 'RLY_MANIFEST_COUNT', fields: { line: 4, found: 'no P.7.Merge.2', expected: 'P.7.Merge.1 to 2' } },
      `Merge.${n}`,
    );
  }
});

t.test('a count that is no number is refused', async (t) => {
  t.throws(() => readPatterns(section('P.7=a.zip, 2, 1', 'P.7.MergeCount=two')), {
    code: 'RLY_MANIFEST_SYNTAX',
    fields: { line: 3, found: 'P.7.MergeCount=two', expected: 'a decimal number' },
  });
});

t.test('incrementals of a pattern that is not listed are refused', async (t) => {
  t.throws(() => readPatterns(section('P.4=a.zip, 2, 1', 'P.7.MergeCount=1', 'P.7.Merge.1=a.1, 1, 1')), {
    code: 'RLY_MANIFEST_SYNTAX',
    fields: { line: 4, found: 'P.7.Merge.1 without P.7', expected: /an entry P\.7/ },
  });
});

t.test('a count of nothing, of a pattern that is not listed, is nothing', async (t) => {
  t.strictSame(readPatterns(section('P.7.MergeCount=0', 'P.7.IU=1001')).components, []);
});

t.test('too few or too many fields are refused with the form they should have', async (t) => {
  for (const value of ['', 'a.zip', 'a.zip, 1', 'a.zip, 1, 2, 3']) {
    t.throws(
      () => readPatterns(section(`P.7=${value}`)),
      { code: 'RLY_MANIFEST_SYNTAX', fields: { line: 2, found: `P.7=${value}`, expected: 'P.7=path, version, size' } },
      value,
    );
  }
});

t.test('keys that are not known are left out with a notice, and take no other key’s place', async (t) => {
  const { components, notices } = readPatterns(
    section('P.7=a.zip, 2, 1', 'P.7.=b.zip, 9, 9', 'P.7.Extra=b.zip, 1, 2', 'P.x=c.zip, 1, 2', 'P=d.zip, 1, 2', 'Q=1'),
  );
  t.match(components, [{ id: 'P.7', full: { path: 'a.zip' } }]);
  t.strictSame(
    notices.map(({ line }) => line),
    [3, 4, 5, 6, 7],
  );
  t.match(notices[1], { text: 'P.7.Extra=b.zip, 1, 2 was left out: the relay does not know this key' });
});

t.test('legacy keys give objects of their own', async (t) => {
  const { legacy, notices } = readPatterns(
    section('Version=241', 'Path_VSAPI=a.zip, 10', 'MergeCount=1', 'Merge.1=239', 'MergePath_VSAPI.1=a.1, 5'),
  );
  t.match(legacy, [
    { component: 'Path_VSAPI', kind: 'pattern', path: 'a.zip', version: null, size: 10, line: 3 },
    { component: 'MergePath_VSAPI.1', kind: 'incremental', path: 'a.1', version: null, size: 5, line: 6 },
  ]);
  t.strictSame(notices, []);
});
