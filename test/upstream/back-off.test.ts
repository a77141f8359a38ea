import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { RelayError } from '../../src/errors/relay-error.ts';
import { pauseBeforeRetry } from '../../src/upstream/back-off.ts';
import { defaultLimits } from '../../src/upstream/limits.ts';

const url = 'http://ua.example.com/x';
const limits = { ...defaultLimits, tries: 100 };
const reset = new RelayError('RLY_UPSTREAM_RESET', { url, reason: 'cut' });
const busy = (retryAfter: number) => new RelayError('RLY_UPSTREAM_BUSY', { url, found: 503, retryAfter });
const status = (found: number) => new RelayError('RLY_UPSTREAM_STATUS', { url, found, expected: '200' });
const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

t.test('what brought much before it was cut is asked for the rest at once, the first time', async (t) => {
  const slow = new RelayError('RLY_UPSTREAM_TOO_SLOW', { url, found: '1 B/s', expected: '2 B/s' });
  const pause = (error: unknown, failed: number, brought: number) =>
    pauseBeforeRetry(error, failed, defaultLimits, () => 0, brought);
  t.equal(pause(reset, 1, 1024 * 1024), 0);
  t.equal(pause(reset, 1, 1024 * 1024 - 1), 500);
  t.equal(pause(reset, 2, 1024 * 1024), 1000);
  t.equal(pause(slow, 1, 1024 * 1024), 500);
});

t.test('a pause doubles with each failure, within its half and its whole, up to the longest', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), uniform, (failed, luck) => {
      const ceiling = Math.min(30_000, 1000 * 2 ** (failed - 1));
      const pause = pauseBeforeRetry(reset, failed, limits, () => luck) ?? -1;
      return pause >= ceiling / 2 && pause <= ceiling;
    }),
  );
});

t.test('Retry-After is the least that is waited, and too long a one is not waited for', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 9 }), uniform, (asked, failed, luck) => {
      const pause = pauseBeforeRetry(busy(asked), failed, limits, () => luck);
      return asked > 5 ? pause === null : pause !== null && pause >= asked * 1000;
    }),
  );
});

t.test('the last try is the last', async (t) => {
  t.not(
    pauseBeforeRetry(reset, 2, defaultLimits, () => 0),
    null,
  );
  t.equal(
    pauseBeforeRetry(reset, 3, defaultLimits, () => 0),
    null,
  );
});

t.test('only what may pass by itself is tried again', async (t) => {
  const again = (error: unknown) => pauseBeforeRetry(error, 1, defaultLimits, () => 0) !== null;
  t.ok(again(reset));
  t.ok(again(new RelayError('RLY_UPSTREAM_TIMEOUT', { url, missing: 'no answer', seconds: 30 })));
  t.ok(again(new RelayError('RLY_UPSTREAM_TOO_SLOW', { url, found: '1', expected: '2' })));
  t.ok(again(status(500)));
  t.ok(again(status(503)));
  t.ok(again(status(429)));
  t.notOk(again(status(403)));
  t.notOk(again(status(204)));
  t.notOk(again(new RelayError('RLY_UPSTREAM_NOT_FOUND', { url, found: 404 })));
  t.notOk(again(new RelayError('RLY_UPSTREAM_REFUSED', { url })));
  t.notOk(again(new RelayError('RLY_UPSTREAM_SIZE', { url, found: 1, expected: 2 })));
  t.notOk(again(new RelayError('RLY_STORAGE_FULL', { bytes: 1, path: '/store', reason: 'full' })));
  t.notOk(again(new Error('a bug')));
});
