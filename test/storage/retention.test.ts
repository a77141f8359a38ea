import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { retired } from '../../storage/retention.ts';

const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 12 });
const newestFirst = numbers.map((list) => list.sort((a, b) => b - a));

t.test('the newest, the current and the pinned stay, all other whole ones go', async (t) => {
  fc.assert(
    fc.property(newestFirst, numbers, fc.integer({ min: 1, max: 5 }), fc.nat(12), (whole, pins, keep, at) => {
      const current = whole[at];
      const gone = new Set(retired({ whole, refused: [], current, pinned: new Set(pins), keep }));
      return whole.every((number, rank) => {
        const stays = rank < keep || number === current || pins.includes(number);
        return gone.has(number) !== stays;
      });
    }),
  );
  t.pass();
});

t.test('a refused one stays until enough whole ones are newer', async (t) => {
  const pinned = new Set<number>();
  t.strictSame(retired({ whole: [5, 3], refused: [4, 2, 1], current: 5, pinned, keep: 2 }), [2, 1]);
  t.strictSame(retired({ whole: [5, 3], refused: [4, 2, 1], current: 5, pinned, keep: 3 }), []);
  t.strictSame(retired({ whole: [], refused: [4], current: undefined, pinned, keep: 1 }), []);
});
