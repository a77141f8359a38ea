import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { labelAt, type Line, stepAt, versionAt } from '../../src/lab/line.ts';

const virus: Line = {
  id: 'P.4',
  path: 'pattern/vsapi*.zip',
  number: 19_985,
  stride: 2,
  suffix: '00',
  label: 'threeDigits',
  every: 1,
  bytes: 1,
};
const engine: Line = { id: 'E.10', path: 'engine/scan.zip', prefix: '12.6.', number: 1004, every: 20, bytes: 1 };

t.test('a version grows by its stride, and its three digits wrap', async (t) => {
  t.strictSame(
    [0, 1, 8].map((count) => versionAt(virus, count)),
    ['1998500', '1998700', '2000100'],
  );
  t.strictSame(
    [0, 7, 8, 500].map((count) => labelAt(virus, count)),
    ['985', '999', '001', '985'],
  );
});

t.test('an engine counts its builds, and is named by the whole version', async (t) => {
  t.equal(versionAt(engine, 3), '12.6.1007');
  t.equal(labelAt(engine, 3), '12.6.1007');
});

t.test('whatever the seed, a line stands still between its changes and knows when the last one came', async () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 500 }),
      (seed, every, release) => {
        const line = { ...engine, every };
        const { count, since } = stepAt(line, seed, release);
        const before = since > 1 ? stepAt(line, seed, since - 1).count : -1;
        return (
          since <= release &&
          release - since < every &&
          stepAt(line, seed, since).count === count &&
          before === count - 1 &&
          stepAt(line, seed, 1).count === 0
        );
      },
    ),
  );
});
