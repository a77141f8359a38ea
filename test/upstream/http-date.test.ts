import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { parseHttpDate } from '../../src/upstream/http-date.ts';

t.test('all three formats of RFC 9110 §5.6.7 are read', async (t) => {
  const moment = Date.UTC(1994, 10, 6, 8, 49, 37);
  t.equal(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), moment);
  t.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT'), moment);
  t.equal(parseHttpDate('Sun Nov  6 08:49:37 1994'), moment);
});

t.test('what is no date is none', async (t) => {
  for (const text of ['', '120', '1994', 'Sunday', 'tomorrow', 'Sun, 99 Nov 1994 08:49:37 GMT']) {
    t.equal(parseHttpDate(text), null, JSON.stringify(text));
  }
});

t.test('every second survives being written and read', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e9 }), (seconds) => {
      return parseHttpDate(new Date(seconds * 1000).toUTCString()) === seconds * 1000;
    }),
  );
});
