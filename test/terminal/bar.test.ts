import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { bar } from '../../src/terminal/bar.ts';
import { visibleWidth } from '../../src/terminal/width.ts';

const unicode = { unicode: true, colour: false };
const ascii = { unicode: false, colour: false };

t.test('a bar fills in eighths of a character', async (t) => {
  t.equal(bar(0, 6, unicode), '▕    ▏');
  t.equal(bar(0.5, 6, unicode), '▕██  ▏');
  t.equal(bar(0.53125, 6, unicode), '▕██▏ ▏');
  t.equal(bar(1, 6, unicode), '▕████▏');
});

t.test('without Unicode it fills in whole characters', async (t) => {
  t.equal(bar(0.6, 12, ascii), '[######....]');
  // oxlint-disable-next-line no-control-regex
  t.match(bar(0.77, 30, ascii), /^[\u0020-\u007e]{30}$/);
});

t.test('it is green when full and only then', async (t) => {
  t.match(bar(1, 6, { unicode: true, colour: true }), '\u001b[32m');
  t.notMatch(bar(0.99, 6, { unicode: true, colour: true }), '\u001b[32m');
});

t.test('it is as wide as asked for any fraction, also beyond 0 and 1', async (t) => {
  fc.assert(
    fc.property(
      fc.double({ min: -1, max: 2, noNaN: true }),
      fc.integer({ min: 2, max: 60 }),
      fc.boolean(),
      (share, width, u) => {
        t.equal(visibleWidth(bar(share, width, { unicode: u, colour: true })), width);
      },
    ),
  );
});
