import t from 'tap';
import { createRate } from '../../src/terminal/rate.ts';
import { handClock } from '../support/hand-clock.ts';

t.test('nothing can be said at first', async (t) => {
  t.equal(createRate(handClock())(1000), 0);
});

t.test('the rate is that of the last five seconds', async (t) => {
  const clock = handClock();
  const rate = createRate(clock);
  rate(0);
  clock.advance(2000);
  t.equal(rate(2000), 1000);
  for (let second = 1; second <= 20; second += 1) {
    clock.advance(1000);
    rate(2000 + second * 50);
  }
  t.equal(rate(3000), 50, 'the fast start is forgotten');
});

t.test('a stall shows while it lasts', async (t) => {
  const clock = handClock();
  const rate = createRate(clock);
  rate(0);
  clock.advance(1000);
  rate(5000);
  clock.advance(20_000);
  t.equal(rate(5000), 0);
});

t.test('a new piece of work that begins at nothing has no negative rate', async (t) => {
  const clock = handClock();
  const rate = createRate(clock);
  rate(9000);
  clock.advance(1000);
  t.equal(rate(0), 0);
  clock.advance(1000);
  t.equal(rate(700), 700);
});

t.test('thousands of reports a second do not pile up or lose the rate', async (t) => {
  const clock = handClock();
  const rate = createRate(clock);
  let last = 0;
  for (let ms = 0; ms < 10_000; ms += 1) {
    last = rate(ms * 3);
    clock.advance(1);
  }
  t.equal(last, 3000);
});
