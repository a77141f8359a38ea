import t from 'tap';
import { readEngines } from '../../src/manifest/engines.ts';
import { scanSections, type Section } from '../../src/manifest/scan.ts';
import { toIndex } from '../support/sample-index.ts';

function section(...lines: readonly string[]): Section {
  const found = scanSections(toIndex('[ENGINE]', ...lines)).get('engine');
  if (!found) throw new Error('toIndex made no section');
  return found;
}

t.test('an engine has a name, one file and the oldest version that it can replace', async (t) => {
  t.strictSame(readEngines(section('E.99=MY_ENGINE,engine/My.zip, 12.5.1, 42,6.51')).components, [
    {
      id: 'E.99',
      kind: 'engine',
      name: 'MY_ENGINE',
      full: {
        path: 'engine/My.zip',
        key: 'engine/my.zip',
        kind: 'engine',
        component: 'E.99',
        version: '12.5.1',
        size: 42,
        line: 2,
      },
      incrementals: [],
      minimumVersion: '6.51',
    },
  ]);
});

t.test('a known engine has the name administrators know, a nameless one its id', async (t) => {
  const { components } = readEngines(section('E.10=VSAPI32_NT_KD, a.zip, 1, 1, 1', 'E.99=, b.zip, 1, 1, 1'));
  t.strictSame(
    components.map(({ name }) => name),
    ['Virus Scan Engine (32-bit)', 'E.99'],
  );
});

t.test('the minimum version may be missing or empty', async (t) => {
  for (const line of ['E.99=N, a.zip, 1, 1', 'E.99=N, a.zip, 1, 1,']) {
    t.equal(readEngines(section(line)).components[0]?.minimumVersion, null, line);
  }
});

t.test('too few or too many fields are refused with the form they should have', async (t) => {
  for (const value of ['', 'N', 'N, a.zip, 1', 'N, a.zip, 1, 2, 3, 4']) {
    t.throws(
      () => readEngines(section(`E.99=${value}`)),
      { code: 'RLY_MANIFEST_SYNTAX', fields: { line: 2, expected: 'E.99=NAME, path, version, size, minimum version' } },
      value,
    );
  }
});

t.test('legacy keys give objects of their own, and keys that are not known a notice', async (t) => {
  const { components, legacy, notices } = readEngines(
    section('Path_OLD=engine/old.zip, 12.5, 7', 'E.10.Extra=x', 'E.x=y', 'P.4=a.zip, 1, 1', 'Version=1'),
  );
  t.strictSame(components, []);
  t.match(legacy, [
    { component: 'Path_OLD', kind: 'engine', path: 'engine/old.zip', version: '12.5', size: 7, line: 2 },
  ]);
  t.strictSame(
    notices.map(({ line }) => line),
    [3, 4, 5],
  );
});
