import t from 'tap';
import { failuresOf } from '../../scripts/failures.ts';

const RUN = `TAP version 14
# Subtest: test/a.test.ts
    # Subtest: outer
        ok 1 - fine
        not ok 2 - should be equal
          ---
          at:
            fileName: a.ts
          ...
        not ok 3 - some day # TODO
        1..3
    not ok 1 - outer # time=3ms
    1..1
not ok 1 - test/a.test.ts # time=3ms
# Subtest: test/b.test.ts
    ok 1 - fine
    1..1
not ok 2 - test/b.test.ts # time=4ms
  ---
  signal: SIGTERM
  ...
# Subtest: test/c.test.ts
    # Subtest: silent
        ok 1 - fine
        1..2
    not ok 1 - silent # time=1ms
    1..1
not ok 3 - test/c.test.ts # time=5ms
ok 4 - test/d.test.ts # time=6ms
1..4
`;

t.test('a failed run names each assertion that failed, and each file that failed without one', async (t) => {
  t.strictSame(
    failuresOf(RUN).map(({ name }) => name),
    [
      'test/a.test.ts > outer > should be equal',
      'test/c.test.ts > silent > incorrect number of tests',
      'test/b.test.ts',
    ],
  );
});

t.test('with what the runner says of it', async (t) => {
  const [assertion, , file] = failuresOf(RUN);
  t.equal(assertion?.diagnosis, 'at:\n  fileName: a.ts');
  t.equal(file?.diagnosis, 'signal: SIGTERM');
});

t.test('a run without failures has none', async (t) => {
  t.strictSame(failuresOf('TAP version 14\nok 1 - test/a.test.ts\n1..1\n'), []);
});
