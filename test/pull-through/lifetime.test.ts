import t from 'tap';
import { answerOf, cacheControlFor, lifetimeOf } from '../../src/pull-through/lifetime.ts';

const response = (fields: Readonly<Record<string, string>>) => ({ fields, checkedAt: '2026-11-26T12:00:00.000Z' });

/** What caches behind the relay are told of a hot fix that is fresh for a minute more. */
function told(fields: Readonly<Record<string, string>>, ttl = 60): string {
  return cacheControlFor('hotfix', lifetimeOf('hotfix', answerOf(response(fields))), ttl);
}

t.test('a stored response is an answer of the time at which it was last found unchanged', async (t) => {
  t.strictSame(answerOf(response({ etag: '"1"' })), { fields: { etag: '"1"' }, at: Date.UTC(2026, 10, 26, 12) });
});

t.test('caches behind the relay may do what it may itself, and no longer', async (t) => {
  t.equal(told({}), 'max-age=60');
  t.equal(told({}, -5), 'max-age=0');
  t.equal(told({ 'cache-control': 'max-age=600, must-revalidate' }), 'max-age=60, must-revalidate');
  t.equal(told({ 'cache-control': 'no-cache' }, 0), 'no-cache');
  t.equal(told({ 'cache-control': 'private' }), 'no-store');
});

t.test('none of them keeps domain settings', async (t) => {
  const lifetime = lifetimeOf('domain-settings', answerOf(response({})));
  t.equal(lifetime.askAlways, true);
  t.equal(cacheControlFor('domain-settings', lifetime, 0), 'private, no-store');
});
