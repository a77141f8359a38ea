import t from 'tap';
import { systemClock } from '../../src/ports/clock.ts';

t.test('now is the time of day; monotonic never goes back', async (t) => {
  const before = Date.now();
  const now = systemClock.now();
  t.ok(before <= now && now <= Date.now());
  const first = systemClock.monotonic();
  t.ok(systemClock.monotonic() >= first);
});

t.test('sleep lasts as long as it is asked to', async (t) => {
  // Node's timers count whole milliseconds, and may wake one early.
  const began = performance.now();
  const held = setTimeout(() => {}, 1000);
  await systemClock.sleep(30);
  clearTimeout(held);
  t.ok(performance.now() - began >= 29);
});

t.test('bug: to sleep for longer than a timer takes was not to sleep at all', async (t) => {
  const stop = new AbortController();
  let isOver = false;
  const sleeping = systemClock.sleep(2 ** 31, stop.signal).then(() => (isOver = true));
  const held = setTimeout(() => {}, 1000);
  await systemClock.sleep(20);
  clearTimeout(held);
  t.notOk(isOver);
  stop.abort(new Error('enough'));
  await t.rejects(sleeping, { message: 'enough' });
});

t.test('sleep ends with the reason of its signal, whatever that is', async (t) => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  const reason = new Error('the relay is stopping');
  stop.abort(reason);
  t.equal(await sleeping.catch((error: unknown) => error), reason);
  t.equal(await systemClock.sleep(60_000, AbortSignal.abort('SIGTERM')).catch((error: unknown) => error), 'SIGTERM');
});
