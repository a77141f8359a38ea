import { existsSync } from 'node:fs';
import t from 'tap';
import type { Test } from 'tap';
import { RelayError } from '../../src/errors/relay-error.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { walkStore, type WalkOptions, type WalkTally } from '../../storage/scrub-walk.ts';
import { recordedEvents } from '../support/recorded-events.ts';
import { flipBit } from './damages.ts';
import { bytesOf, put } from './sample.ts';
import { blobFile, openAt, temporaryFolder } from './store-folder.ts';

const SIZE = 600_000;
const NUMBER = 5;

/** A clock that stands still but for those who sleep on it. */
function sleepersClock(): Clock {
  let passed = 0;
  return {
    now: () => passed,
    monotonic: () => passed,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      passed += ms;
    },
  };
}

async function walkOver(t: Test, wrap: (store: Store) => Pick<Store, 'check' | 'inventory'> = (store) => store) {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  for (let number = 0; number < NUMBER; number += 1) await put(store.blobs, bytesOf(`${number}`, SIZE));
  const [clock, events] = [sleepersClock(), recordedEvents()];
  const tallies: WalkTally[] = [];
  const walk = (options: Partial<WalkOptions> = {}) =>
    walkStore(
      { store: wrap(store), clock, events },
      {
        after: null,
        rate: Infinity,
        signal: new AbortController().signal,
        onProgress: (tally) => tallies.push(tally),
        ...options,
      },
    );
  return { path, store, clock, events, tallies, walk, names: store.inventory().map(({ sha256 }) => sha256) };
}

t.test('every blob is looked at, and the sum is told', async (t) => {
  const { events, tallies, walk, names } = await walkOver(t);
  await walk();
  t.strictSame(events.of('store.scrubbed'), [
    { blobs: NUMBER, bytes: NUMBER * SIZE, seconds: 0, broken: 0, unread: 0 },
  ]);
  t.strictSame(events.of('blob.broken'), []);
  t.strictSame(
    tallies.map(({ after }) => after),
    [null, ...names],
  );
  t.match(tallies.at(-1), { blobs: { done: NUMBER, total: NUMBER }, bytes: { done: NUMBER * SIZE }, broken: 0 });
});

t.test('it reads no faster than it may', async (t) => {
  const { clock, walk } = await walkOver(t);
  await walk({ rate: 100_000 });
  t.equal(Math.round(clock.monotonic()), (NUMBER * SIZE) / 100);
});

t.test('what is damaged is told, put away, and keeps nothing else from being looked at', async (t) => {
  const { path, events, tallies, walk, names } = await walkOver(t);
  const [victim = ''] = names;
  flipBit(blobFile(path, victim));
  await walk();
  t.match(events.of('blob.broken'), [{ sha256: victim, reason: /^it has the hash [0-9a-f]{64}$/ }]);
  t.match(events.of('store.scrubbed'), [{ blobs: NUMBER, broken: 1, unread: 0 }]);
  t.notOk(existsSync(blobFile(path, victim)));
  t.equal(tallies.at(-1)?.broken, 1);
  await walk();
  t.match(events.of('store.scrubbed')[1], { blobs: NUMBER - 1, broken: 0 }, 'it is gone, and told once');
});

t.test('what the system does not let it read is told, and not taken for damaged', async (t) => {
  const tooMany = new RelayError('RLY_STORAGE_IO', { path: 'p', call: 'open', code: 'EMFILE' });
  const { path, events, walk, names } = await walkOver(t, (store) => ({
    inventory: () => store.inventory(),
    check: (blob, pace) => (blob.sha256 === names[1] ? Promise.reject(tooMany) : store.check(blob, pace)),
  }));
  await walk();
  t.match(events.of('blob.unread'), [{ sha256: names[1], error: /EMFILE/ }]);
  t.match(events.of('store.scrubbed'), [{ blobs: NUMBER, broken: 0, unread: 1 }]);
  t.ok(existsSync(blobFile(path, names[1] ?? '')));
});

t.test('a walk that is broken off goes on behind the last blob it looked at', async (t) => {
  const { events, tallies, walk, names } = await walkOver(t);
  const stop = new AbortController();
  const broken = walk({
    signal: stop.signal,
    onProgress: (tally) => {
      tallies.push(tally);
      if (tally.blobs.done === 2) stop.abort(new Error('enough'));
    },
  });
  await t.rejects(broken, /enough/);
  t.strictSame(events.of('store.scrubbed'), [], 'it did not come to its end');
  const { after = null } = tallies.at(-1) ?? {};
  t.equal(after, names[1]);
  tallies.length = 0;
  await walk({ after });
  t.strictSame(
    tallies.map((tally) => tally.after),
    names.slice(1),
  );
  t.match(tallies[0], { blobs: { done: 2, total: NUMBER }, bytes: { done: 2 * SIZE, total: NUMBER * SIZE } });
  t.match(events.of('store.scrubbed'), [{ blobs: NUMBER - 2 }]);
});

t.test('it stops in the middle of a blob', async (t) => {
  const { walk } = await walkOver(t);
  const stop = new AbortController();
  const slow = walk({ rate: 1, signal: stop.signal });
  stop.abort(new Error('enough'));
  await t.rejects(slow, /enough/);
});
