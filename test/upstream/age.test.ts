import t from 'tap';
import { parseAge } from '../../src/upstream/age.ts';

t.test('seconds; the first of several; what is no number is as good as none; and no age is without end', async (t) => {
  const cases: [string | null, number][] = [
    ['0', 0],
    ['3600', 3600],
    ['7, 9', 7],
    [null, 0],
    ['', 0],
    ['-1', 0],
    ['1.5', 0],
    ['soon, 5', 0],
    ['9'.repeat(40), 2 ** 31],
  ];
  for (const [field, seconds] of cases) t.equal(parseAge(field), seconds, String(field));
});
