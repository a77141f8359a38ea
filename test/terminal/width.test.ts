import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { oneLine, truncate, visibleWidth } from '../../src/terminal/width.ts';

const RED = '\u001b[31m';
const PLAIN = '\u001b[39m';

t.test('colours take no width', async (t) => {
  t.equal(visibleWidth(`${RED}abc${PLAIN}…`), 4);
});

t.test('a line that fits stays as it is', async (t) => {
  t.equal(truncate('abc', 3, '…'), 'abc');
  t.equal(truncate(`${RED}abc${PLAIN}`, 3, '…'), `${RED}abc${PLAIN}`);
});

t.test('a cut line carries the mark and ends its colours', async (t) => {
  t.equal(truncate('abcdef', 4, '…'), 'abc…');
  t.equal(truncate(`${RED}abcdef${PLAIN}`, 4, '~'), `${RED}abc~${PLAIN}`);
  t.equal(truncate('abc', 0, '…'), '');
});

t.test('whatever is cut is never wider than asked, and no wider cut was possible', async (t) => {
  const text = fc.array(fc.constantFrom('a', '█', '𝄞', RED, PLAIN, ' ')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.nat(30), (line, width) => {
      t.equal(visibleWidth(truncate(line, width, '…')), Math.min(width, visibleWidth(line)));
    }),
  );
});

t.test('what would break a line or move the cursor becomes a dot, colours stay', async (t) => {
  t.equal(oneLine('a\nb\u001b[2Jc\td\u2028e\u009b'), 'a·b·[2Jc d·e·');
  t.equal(oneLine(`${RED}a${PLAIN}`), `${RED}a${PLAIN}`);
});
