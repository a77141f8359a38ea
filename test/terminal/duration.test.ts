import t from 'tap';
import { formatAge, formatDuration } from '../../src/terminal/duration.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

t.test('a duration is told in the one or two units that matter', async (t) => {
  t.equal(formatDuration(430), '0.4 s');
  t.equal(formatDuration(12.9 * SECOND), '12 s');
  t.equal(formatDuration(2 * MINUTE), '2 min');
  t.equal(formatDuration(2 * MINUTE + 10 * SECOND), '2 min 10 s');
  t.equal(formatDuration(3 * HOUR + 5 * MINUTE + 9 * SECOND), '3 h 5 min');
  t.equal(formatDuration(2 * DAY + 4 * HOUR), '2 d 4 h');
});

t.test('no duration rounds up to a full unit it has not reached', async (t) => {
  t.equal(formatDuration(9_999), '9.9 s');
  t.equal(formatDuration(MINUTE - 1), '59 s');
  t.equal(formatDuration(HOUR - 1), '59 min 59 s');
});

t.test('an age is told in one unit', async (t) => {
  t.equal(formatAge(3 * SECOND), 'just now');
  t.equal(formatAge(59 * SECOND), '59 s ago');
  t.equal(formatAge(119 * SECOND), '1 min ago');
  t.equal(formatAge(5 * HOUR + MINUTE), '5 h ago');
  t.equal(formatAge(12 * DAY), '12 d ago');
});

t.test('a clock that was set back makes nothing negative', async (t) => {
  t.equal(formatDuration(-7 * SECOND), '0.0 s');
  t.equal(formatAge(-7 * DAY), 'just now');
});
