import t from 'tap';
import {
  hotfixLifetime,
  isFresh,
  renewedFields,
  settingsLifetime,
  validatorsOf,
} from '../../src/pull-through/freshness.ts';
import type { CacheFields } from '../../src/upstream/cache-fields.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AT = Date.UTC(2026, 10, 26, 12);
const date = (ms: number) => new Date(ms).toUTCString();

/** Milliseconds for which an answer with these fields is fresh, and for how many more it may be used when sources are down. */
function spans(fields: CacheFields): { fresh: number; stale: number } {
  const { freshUntil, staleUntil } = hotfixLifetime({ fields, at: AT });
  return { fresh: freshUntil - AT, stale: staleUntil - freshUntil };
}

t.test('what the source says counts, up to a week', async (t) => {
  const now = date(AT);
  t.equal(spans({ 'cache-control': 'max-age=600' }).fresh, 10 * MINUTE);
  t.equal(spans({ 'cache-control': 'Public, Max-Age=600' }).fresh, 10 * MINUTE, 'in any case');
  t.equal(spans({ 'cache-control': 'max-age=600', age: '400' }).fresh, 200_000, 'less what it spent in caches before');
  t.equal(spans({ 'cache-control': 'max-age=600', age: '4000' }).fresh, 0);
  t.equal(spans({ 'cache-control': 'max-age=600, s-maxage=60' }).fresh, MINUTE, 'this is a shared cache');
  t.equal(spans({ date: now, expires: date(AT + HOUR) }).fresh, HOUR);
  t.equal(spans({ expires: date(AT + HOUR) }).fresh, HOUR, 'one without a date is of the time it came');
  t.equal(spans({ date: now, expires: '0' }).fresh, 0);
  t.equal(spans({ 'cache-control': 'max-age=31536000, immutable' }).fresh, 7 * DAY);
  t.equal(spans({ 'cache-control': 'max-age=0' }).fresh, 0);
});

t.test('where it says nothing, a tenth of the age of the file; 5 minutes at least, a day at most', async (t) => {
  const modified = (ago: number): CacheFields => ({ date: date(AT), 'last-modified': date(AT - ago) });
  t.equal(spans(modified(100 * MINUTE)).fresh, 10 * MINUTE);
  t.equal(spans(modified(MINUTE)).fresh, 5 * MINUTE);
  t.equal(spans(modified(-DAY)).fresh, 5 * MINUTE, 'a file from the future');
  t.equal(spans(modified(300 * DAY)).fresh, DAY);
  t.equal(spans({}).fresh, 5 * MINUTE);
  t.equal(spans({ etag: '"1"', 'last-modified': 'yesterday' }).fresh, 5 * MINUTE);
});

t.test('for a week more where no source can be asked, unless the source forbids it', async (t) => {
  t.equal(spans({}).stale, 7 * DAY);
  t.equal(spans({ 'cache-control': 'max-age=600' }).stale, 7 * DAY);
  for (const directive of ['must-revalidate', 'Proxy-Revalidate', 's-maxage=9', 'no-cache', 'no-cache="set-cookie"']) {
    t.equal(spans({ 'cache-control': `max-age=5, ${directive}` }).stale, 0, directive);
  }
});

t.test(
  'an answer that wants to be asked for each time is never fresh, and says so to those behind the relay',
  async (t) => {
    for (const fields of [
      { 'cache-control': 'no-cache' },
      { pragma: 'no-cache' },
      { vary: '*' },
      { vary: 'Accept, *' },
    ]) {
      t.match(hotfixLifetime({ fields, at: AT }), { freshUntil: AT, staleUntil: AT, askAlways: true, storable: true });
    }
    t.match(hotfixLifetime({ fields: { pragma: 'no-cache', 'cache-control': 'max-age=60' }, at: AT }), {
      askAlways: false,
      freshUntil: AT + MINUTE,
    });
  },
);

t.test('what is not for a shared cache is kept for nobody', async (t) => {
  for (const control of ['no-store', 'private', 'Private, max-age=60', 'max-age=60, NO-STORE']) {
    t.equal(hotfixLifetime({ fields: { 'cache-control': control }, at: AT }).storable, false, control);
  }
  t.ok(hotfixLifetime({ fields: {}, at: AT }).storable);
});

t.test('domain settings are never fresh, and may be an hour old, whatever is said about caches', async (t) => {
  for (const fields of [{}, { 'cache-control': 'private, no-store' }, { 'cache-control': 'max-age=600' }]) {
    t.strictSame(settingsLifetime({ fields, at: AT }), {
      storable: true,
      freshUntil: AT,
      staleUntil: AT + HOUR,
      askAlways: true,
    });
  }
});

t.test('fresh is what came before now and lasts longer', async (t) => {
  const answer = { fields: { 'cache-control': 'max-age=60' }, at: AT };
  const fresh = (now: number) => isFresh(answer, hotfixLifetime(answer), now);
  t.ok(fresh(AT));
  t.ok(fresh(AT + MINUTE - 1));
  t.notOk(fresh(AT + MINUTE));
  t.notOk(fresh(AT - 1), 'the clock was set back: nobody knows how old it is');
});

t.test('a 304 brings new fields, and leaves those it does not name', async (t) => {
  const before = { etag: '"1"', 'last-modified': 'then', date: 'old', age: '7', 'cache-control': 'max-age=1' };
  t.strictSame(renewedFields(before, { etag: 'W/"1"', date: 'new', expires: 'later', 'cache-control': 'no-cache' }), {
    etag: '"1"',
    'last-modified': 'then',
    'cache-control': 'no-cache',
    date: 'new',
    expires: 'later',
  });
  t.strictSame(renewedFields({ 'last-modified': 'then' }, {}), { 'last-modified': 'then' });
  t.strictSame(renewedFields(before, {}), { etag: '"1"', 'last-modified': 'then', 'cache-control': 'max-age=1' });
});

t.test('a 304 about another content is none', async (t) => {
  t.equal(renewedFields({ etag: '"1"' }, { etag: '"2"' }), null);
});

t.test('what a source is asked by', async (t) => {
  t.strictSame(validatorsOf({ etag: '"1"', 'last-modified': 'then', date: 'now' }), {
    etag: '"1"',
    lastModified: 'then',
  });
  t.strictSame(validatorsOf({}), { etag: null, lastModified: null });
});
