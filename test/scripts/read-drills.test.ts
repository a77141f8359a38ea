import t from 'tap';
import { readDrills } from '../../scripts/read-drills.ts';

const TAP = `TAP version 14
# Subtest: kill -9 in the middle of an update, 20 times, needs no hand
    # rounds: 20
    ok 1 - round 1: ready
    1..1
ok 1 - kill -9 in the middle of an update, 20 times, needs no hand # time=1234.5ms

# Subtest: a disk that fills
    not ok 1 - agents get right bytes
    1..1
not ok 2 - a disk that fills # time=99ms
  ---
  at: {}
  ...

ok 3 - a clock that was two years ahead # SKIP not installed here: faketime
1..3
# { total: 3, pass: 1, fail: 1, skip: 1 }
`;

t.test('each drill has its rounds, its time, and how it went', async (t) => {
  t.strictSame(readDrills(TAP, false), [
    { name: 'kill -9 in the middle of an update, 20 times, needs no hand', rounds: 20, result: 'passed', ms: 1234.5 },
    { name: 'a disk that fills', rounds: null, result: 'FAILED', ms: 99 },
    {
      name: 'a clock that was two years ahead',
      rounds: null,
      result: 'skipped: not installed here: faketime',
      ms: null,
    },
  ]);
});

t.test('a file that died without a word has failed', async (t) => {
  t.strictSame(readDrills('TAP version 14\n', false), [
    { name: 'the file itself', rounds: null, result: 'FAILED', ms: null },
  ]);
  t.strictSame(readDrills('TAP version 14\n', true), []);
});
