import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { wanRates, weekTime } from '../../src/upstream/wan-windows.ts';

const [SUN, MON, TUE, FRI, SAT] = [0, 1, 2, 5, 6];
const at = (day: number, hours: number, minutes = 0) => ({ day, minute: hours * 60 + minutes });

t.test('in a window its rate holds, from its first minute to the one before its last', async (t) => {
  const rateAt = wanRates({ rate: 20, windows: [{ days: 'mon-fri', from: '08:00', to: '18:00', rate: 4 }] });
  t.equal(rateAt(at(MON, 7, 59)), 20);
  t.equal(rateAt(at(MON, 8)), 4);
  t.equal(rateAt(at(FRI, 17, 59)), 4);
  t.equal(rateAt(at(FRI, 18)), 20);
  t.equal(rateAt(at(SAT, 12)), 20);
});

t.test('a window over midnight belongs to the day it begins on', async (t) => {
  const rateAt = wanRates({ windows: [{ days: 'mon,sat', from: '22:00', to: '06:00', rate: 9 }] });
  t.equal(rateAt(at(MON, 5)), null);
  t.equal(rateAt(at(MON, 22)), 9);
  t.equal(rateAt(at(TUE, 5, 59)), 9);
  t.equal(rateAt(at(TUE, 6)), null);
  t.equal(rateAt(at(TUE, 22)), null);
  t.equal(rateAt(at(SUN, 1)), 9, 'after Saturday');
});

t.test('up to midnight, and around the clock', async (t) => {
  const evening = wanRates({ windows: [{ days: 'mon', from: '18:00', to: '00:00', rate: 1 }] });
  t.equal(evening(at(MON, 23, 59)), 1);
  t.equal(evening(at(TUE, 0)), null);
  const always = wanRates({ windows: [{ from: '12:00', to: '12:00', rate: 1 }] });
  fc.assert(fc.property(fc.nat(6), fc.nat(1439), (day, minute) => always({ day, minute }) === 1));
});

t.test('of windows that overlap the first one counts', async (t) => {
  const rateAt = wanRates({
    rate: 20,
    windows: [
      { days: 'mon', from: '12:00', to: '13:00', rate: 8 },
      { from: '08:00', to: '18:00', rate: 4 },
    ],
  });
  t.equal(rateAt(at(MON, 12, 30)), 8);
  t.equal(rateAt(at(TUE, 12, 30)), 4);
});

t.test('without a rate and without a window there is no limit', async (t) => {
  t.equal(wanRates({ windows: [] })(at(MON, 12)), null);
});

t.test('the time of the week is local', async (t) => {
  t.strictSame(weekTime(new Date(2024, 6, 1, 8, 30, 59).getTime()), at(MON, 8, 30));
});
