import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { parseRetryAfter } from '../../src/upstream/retry-after.ts';

const now = Date.UTC(2024, 6, 1, 12);

t.test('seconds are seconds', async () => {
  fc.assert(fc.property(fc.nat(), (seconds) => parseRetryAfter(String(seconds), now) === seconds * 1000));
});

t.test('a date is so far from now; one that has passed asks for nothing', async () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e6, max: 1e6 }), (seconds) => {
      const date = new Date(now + seconds * 1000).toUTCString();
      return parseRetryAfter(date, now) === Math.max(0, seconds * 1000);
    }),
  );
});

t.test('a header that is missing or makes no sense asks for nothing in particular', async (t) => {
  t.equal(parseRetryAfter(null, now), null);
  for (const value of ['', '-1', '1.5', 'soon', '1e3']) t.equal(parseRetryAfter(value, now), null, value);
});
