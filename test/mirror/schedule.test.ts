import { ok } from 'node:assert/strict';
import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { nextUpdateIn, type LastResult } from '../../src/mirror/schedule.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const random = fc.integer({ min: 0, max: 999_999 }).map((millionths) => millionths / 1_000_000);
const every = fc.integer({ min: MINUTE, max: 7 * DAY });

/** Holds for any random number and any interval; no source needs a rest, unless told otherwise. */
function bounds(
  given: { readonly last: LastResult; readonly serving?: boolean; readonly rest?: number },
  check: (wait: number, every: number) => boolean,
): void {
  fc.assert(
    fc.property(random, every, fc.boolean(), (luck, interval, serving) => {
      const wait = nextUpdateIn({ serving, every: interval, rest: 0, random: luck, ...given });
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

t.test(
  'never before a source may be asked again, whatever came before, a start too; and at most a tenth later',
  async () => {
    const results: LastResult[] = ['none', 'done', 'failed', 'index-missing', 'busy'];
    for (const last of results) {
      for (const rest of [5_000, 60_000, 60 * MINUTE, DAY]) {
        bounds({ last, rest }, (wait) => wait >= rest);
        const otherwise = (interval: number) => (last === 'none' || last === 'busy' ? MINUTE / 2 : 1.1 * interval);
        bounds({ last, rest }, (wait, interval) => wait <= Math.max(1.1 * rest, otherwise(interval)));
      }
    }
  },
);

t.test('when each source has said when to come back: then, however long the interval is', async () => {
  for (const rest of [1_000, 60_000, 60 * MINUTE]) {
    bounds({ last: 'busy', rest }, (wait) => wait >= rest && wait <= 1.1 * rest);
  }
});

t.test('a source that rests for less than the interval does not shorten it otherwise', async () => {
  bounds({ last: 'failed', rest: 5_000 }, (wait, interval) => wait >= 0.9 * interval);
});

t.test('two relays that start together do not stay together', async (t) => {
  const at = (luck: number, last: LastResult = 'done', rest = 0) =>
    nextUpdateIn({ last, serving: true, every: 15 * MINUTE, rest, random: luck });
  t.equal(at(0), 13.5 * MINUTE);
  t.equal(at(0.5), 15 * MINUTE);
  t.equal(Math.round(at(0.75)), 15.75 * MINUTE);
  t.equal(at(0, 'busy', 60 * MINUTE), 60 * MINUTE);
  t.equal(at(0.5, 'busy', 60 * MINUTE), 60.75 * MINUTE);
});
