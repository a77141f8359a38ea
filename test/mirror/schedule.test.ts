import { ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { nextUpdateIn, type LastResult } from '../../src/mirror/schedule.ts';

const MINUTE = 60_000;

const random = fc.integer({ min: 0, max: 999_999 }).map((millionths) => millionths / 1_000_000);
const every = fc.integer({ min: MINUTE, max: 7 * 24 * 60 * MINUTE });

/** Holds for any random number and any interval. */
function bounds(
  given: { readonly last: LastResult; readonly serving?: boolean },
  check: (wait: number, every: number) => boolean,
): void {
  fc.assert(
    fc.property(random, every, fc.boolean(), (luck, interval, serving) => {
      const wait = nextUpdateIn({ serving, every: interval, random: luck, ...given });
      ok(check(wait, interval), `${wait} ms at every ${interval} ms`);
    }),
  );
}

t.test('at start without a generation: at once', async () => {
  bounds({ last: 'none', serving: false }, (wait) => wait === 0);
});

t.test('at start with one: within half a minute', async () => {
  bounds({ last: 'none', serving: true }, (wait) => wait >= 0 && wait < MINUTE / 2);
});

t.test('after an update, good or bad: the interval, give or take a tenth', async () => {
  for (const last of ['done', 'failed'] as const) {
    bounds({ last }, (wait, interval) => wait >= 0.9 * interval && wait <= 1.1 * interval);
  }
});

t.test('when the index was away: after 5 to 6 minutes, and never later than usual', async () => {
  bounds({ last: 'index-missing' }, (wait, interval) => wait < 6 * MINUTE && wait <= 1.1 * interval);
  bounds({ last: 'index-missing' }, (wait, interval) => wait >= 5 * MINUTE || interval < 7 * MINUTE);
});

t.test('two relays that start together do not stay together', async (t) => {
  const at = (luck: number) => nextUpdateIn({ last: 'done', serving: true, every: 15 * MINUTE, random: luck });
  t.equal(at(0), 13.5 * MINUTE);
  t.equal(at(0.5), 15 * MINUTE);
  t.equal(Math.round(at(0.75)), 15.75 * MINUTE);
});
