import t from 'tap';
import type { Test } from 'tap';
import { forgetful, type Note, noteIn } from '../../src/ports/notes.ts';
import type { Store } from '../../src/ports/store.ts';
import { createScrubber, type ScrubberOptions } from '../../storage/scrubber.ts';
import { recordedEvents } from '../support/recorded-events.ts';
import { type SteppedClock, steppedClock } from '../support/stepped-clock.ts';
import { bytesOf, put } from './sample.ts';
import { openAt, temporaryFolder } from './store-folder.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const BLOBS = 4;
/** Bytes: one piece, after which a slow walk rests. */
const SIZE = 1000;

/** The note of a store. */
function noteOf({ notes }: Store): Note {
  return noteIn(notes, 'scrub', recordedEvents());
}

async function scene(t: Test, options: Partial<ScrubberOptions> = {}, path = temporaryFolder(t)) {
  const clock = steppedClock();
  const events = recordedEvents();
  const store = await openAt(t, path);
  for (let number = 0; number < BLOBS; number += 1) await put(store.blobs, bytesOf(`${number}`, SIZE));
  const scrubber = createScrubber({
    store,
    note: noteOf(store),
    clock,
    events,
    rate: 1e12,
    every: 7 * DAY,
    ...options,
  });
  t.teardown(() => scrubber.stop());
  return { path, store, clock, events, scrubber };
}

const near = (t: Test, found: number, expected: number, what: string) =>
  t.ok(Math.abs(found - expected) < MINUTE, `${what}: ${found} ms`);

/** One walk after the other, moved on by the clock. */
async function walked(clock: SteppedClock, events: ReturnType<typeof recordedEvents>, count: number, sleep: number) {
  clock.advance(await clock.nthSleep(sleep));
  await events.nth('store.scrubbed', count);
}

t.test('it walks by itself, one period from beginning to beginning', async (t) => {
  const { clock, events, scrubber } = await scene(t);
  t.match(scrubber.view(), { state: 'idle', lastWalkAt: null, nextAt: null });
  scrubber.start();
  scrubber.start();
  t.equal(await clock.nthSleep(1), 5 * MINUTE);
  t.match(scrubber.view(), { state: 'idle', nextAt: /Z$/ });
  await walked(clock, events, 1, 1);
  near(t, await clock.nthSleep(2), 7 * DAY, 'the next one');
  const { lastWalkAt, ...view } = scrubber.view();
  near(t, Date.parse(lastWalkAt ?? ''), clock.now(), 'the last one');
  t.match(view, { state: 'idle', blobs: { done: BLOBS, total: BLOBS }, broken: 0, nextAt: /Z$/ });
  await walked(clock, events, 2, 2);
});

t.test('over a restart it remembers when it walked', async (t) => {
  const { path, store, clock, events, scrubber } = await scene(t);
  scrubber.start();
  await walked(clock, events, 1, 1);
  await clock.nthSleep(2);
  await scrubber.stop();
  await store.close();
  const next = await scene(t, { clock }, path);
  next.scrubber.start();
  near(t, await clock.nthSleep(3), 7 * DAY, 'not at once');
});

t.test('a stop breaks a slow walk off at once, and the next start goes on from there', async (t) => {
  const { path, store, clock, events, scrubber } = await scene(t, { rate: 1 });
  scrubber.start();
  clock.advance(await clock.nthSleep(1));
  near(t, await clock.nthSleep(2), SIZE * 1000, 'it rests after the first blob');
  t.match(scrubber.view(), { state: 'walking', blobs: { done: 0, total: BLOBS }, nextAt: null });
  clock.advance(await clock.nthSleep(2));
  await clock.nthSleep(3);
  t.match(scrubber.view(), { state: 'walking', blobs: { done: 1, total: BLOBS } });
  await scrubber.stop();
  t.strictSame(events.of('store.scrubbed'), []);
  await store.close();

  clock.advance(DAY);
  const next = await scene(t, { clock }, path);
  next.scrubber.start();
  t.equal(await clock.nthSleep(4), 5 * MINUTE, 'soon');
  await walked(clock, next.events, 1, 4);
  t.match(next.events.of('store.scrubbed'), [{ blobs: BLOBS - 1 }]);
  const passed = DAY + 5 * MINUTE + SIZE * 1000;
  near(t, await clock.nthSleep(5), 7 * DAY - passed, 'its period is counted from the first beginning');
});

t.test('a walk at once is whole and not slow, in place of the one under way', async (t) => {
  const { clock, events, scrubber } = await scene(t, { rate: 1 });
  scrubber.start();
  clock.advance(await clock.nthSleep(1));
  await clock.nthSleep(2);
  await Promise.all([scrubber.walkNow(), scrubber.walkNow()]);
  t.match(events.of('store.scrubbed'), [{ blobs: BLOBS }], 'both wait for the same');
  near(t, await clock.nthSleep(3), 7 * DAY, 'and the schedule goes on');
});

t.test('whoever waits for a walk when it is stopped is told', async (t) => {
  const { scrubber, store } = await scene(t);
  const waiting = createScrubber({
    store: { inventory: () => store.inventory(), check: () => new Promise(() => {}) },
    note: forgetful,
    clock: steppedClock(),
    events: recordedEvents(),
    rate: 1,
    every: 1,
  });
  const never = waiting.walkNow();
  await Promise.all([t.rejects(never, /stopping/), waiting.stop()]);
  scrubber.start();
  await Promise.all([t.rejects(scrubber.walkNow(), /stopping/), scrubber.stop()]);
});

t.test(
  'a note of another shape, or of a clock that was two years ahead, costs one walk and nothing else',
  async (t) => {
    const { store, clock } = await scene(t);
    let sleeps = 0;
    for (const known of [[], { lastWalk: 'yesterday' }, { lastWalk: clock.now() + 730 * DAY, unfinished: null }]) {
      const events = recordedEvents();
      const kept: unknown[] = [];
      const note = { known, keep: (value: unknown) => void kept.push(value) };
      const scrubber = createScrubber({ store, note, clock, events, rate: 1e12, every: 7 * DAY });
      scrubber.start();
      t.equal(await clock.nthSleep((sleeps += 1)), 5 * MINUTE);
      await walked(clock, events, 1, sleeps);
      await clock.nthSleep((sleeps += 1));
      await scrubber.stop();
      t.match(kept, [{ lastWalk: Number, unfinished: null }]);
    }
  },
);
