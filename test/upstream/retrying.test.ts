import t from 'tap';
import { RelayError } from '../../src/errors/relay-error.ts';
import { silentEvents } from '../../src/ports/events.ts';
import { systemClock, type Clock } from '../../src/ports/clock.ts';
import { defaultLimits } from '../../src/upstream/limits.ts';
import { retrying } from '../../src/upstream/retrying.ts';

const url = 'http://ua.example.com/x';
const never = new AbortController().signal;
const cut = () => Promise.reject(new RelayError('RLY_UPSTREAM_RESET', { url, reason: 'cut' }));

t.test('the pauses between three tries, and what is told of them', async (t) => {
  const slept: number[] = [];
  const told: unknown[] = [];
  const clock: Clock = { ...systemClock, sleep: async (ms) => void slept.push(ms) };
  const events = { emit: (name: string, fields: object) => told.push({ name, ...fields }) };
  await t.rejects(retrying({ clock, events, random: () => 0.5, limits: defaultLimits }, url, never, cut), {
    code: 'RLY_UPSTREAM_RESET',
  });
  t.strictSame(slept, [750, 1500]);
  const error = `the connection to ${url} was cut: cut`;
  t.strictSame(told, [
    { name: 'upstream.retry', url, error, attempt: 2, seconds: 0.8 },
    { name: 'upstream.retry', url, error, attempt: 3, seconds: 1.5 },
  ]);
});

t.test('an abort ends the pause at once, with its reason', async (t) => {
  const giveUp = new AbortController();
  const events = { emit: () => giveUp.abort(new Error('enough')) };
  const began = performance.now();
  const limits = { ...defaultLimits, firstPause: 60_000, longestPause: 60_000 };
  const run = retrying({ clock: systemClock, events, random: () => 0, limits }, url, giveUp.signal, cut);
  await t.rejects(run, { message: 'enough' });
  t.ok(performance.now() - began < 5_000);
});

t.test('success needs no second try', async (t) => {
  const clock: Clock = { ...systemClock, sleep: () => Promise.reject(new Error('slept')) };
  const done = retrying(
    { clock, events: silentEvents, random: () => 0, limits: defaultLimits },
    url,
    never,
    async () => 7,
  );
  t.equal(await done, 7);
});
