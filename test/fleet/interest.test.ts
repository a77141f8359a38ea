import t from 'tap';
import { createInterest } from '../../src/fleet/interest.ts';
import type { Note } from '../../src/ports/notes.ts';
import { handClock } from '../support/hand-clock.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

/** A note that remembers what it was given last, and how often. */
function note(known?: unknown): Note & { last: unknown; times: number } {
  return {
    known,
    last: known,
    times: 0,
    keep(value) {
      this.last = JSON.parse(JSON.stringify(value));
      this.times += 1;
    },
  };
}

t.test('a component is idle since an agent asked, or since it is watched', async (t) => {
  const clock = handClock();
  const interest = createInterest(clock, note());
  clock.advance(3 * DAY);
  interest.asked('P.4');
  clock.advance(2 * DAY);
  t.equal(interest.idle('P.4'), 2 * DAY);
  t.equal(interest.idle('P.800'), 5 * DAY);
});

t.test('it is noted once an hour at most, and known again after a restart', async (t) => {
  const clock = handClock();
  const first = note();
  const interest = createInterest(clock, first);
  for (let i = 0; i < 1000; i += 1) interest.asked('P.4');
  t.equal(first.times, 1);
  clock.advance(HOUR);
  interest.asked('P.4');
  t.equal(first.times, 2);
  clock.advance(DAY);
  const again = createInterest(clock, note(first.last));
  t.equal(again.idle('P.4'), DAY);
  t.equal(again.idle('P.800'), DAY + HOUR);
});

t.test('what is no note of this is forgotten, and so are times that have not come yet', async (t) => {
  const clock = handClock();
  for (const known of [
    null,
    'text',
    {
      since: 'x',
      askedAt: [
        [1, 2],
        ['P.4', 'x'],
      ],
    },
    { since: clock.now() + DAY, askedAt: [['P.4', clock.now() + 1]] },
  ]) {
    const interest = createInterest(clock, note(known));
    t.equal(interest.idle('P.4'), 0);
  }
});

t.test('a clock that is set back makes nothing old', async (t) => {
  const clock = handClock();
  const interest = createInterest(clock, note());
  interest.asked('P.4');
  clock.advance(-DAY);
  t.equal(interest.idle('P.4'), 0);
});
