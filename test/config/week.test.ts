import t from 'tap';
import { parseDays, parseTimeOfDay } from '../../src/config/week.ts';

t.test('days are names and ranges of them, also over the end of the week', async (t) => {
  t.strictSame(parseDays('mon-fri'), new Set([1, 2, 3, 4, 5]));
  t.strictSame(parseDays('sat,sun'), new Set([6, 0]));
  t.strictSame(parseDays('fri-mon, wed'), new Set([5, 6, 0, 1, 3]));
  t.strictSame(parseDays('sun-sat')?.size, 7);
  t.strictSame(parseDays('tue-tue'), new Set([2]));
});

t.test('anything else is no list of days', async (t) => {
  for (const text of ['', 'monday', 'Mon', 'mon-', '-fri', 'mon-wed-fri', 'mon;tue', 'mon,', '1-5']) {
    t.equal(parseDays(text), undefined, text);
  }
});

t.test('a time of day has two digits for each of hours and minutes', async (t) => {
  t.equal(parseTimeOfDay('00:00'), 0);
  t.equal(parseTimeOfDay('08:30'), 510);
  t.equal(parseTimeOfDay('23:59'), 1439);
  for (const text of ['', '8:00', '24:00', '12:60', '08:00:00', '0800', '08.00', '8pm']) {
    t.equal(parseTimeOfDay(text), undefined, text);
  }
});
