import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { type Clock, systemClock } from '../../src/ports/clock.ts';
import { createUpstream, type UpstreamOptions } from '../../src/upstream/client.ts';
import { type MemorySink, memorySink } from '../support/memory-sink.ts';
import { respond, scriptedOrigin } from '../support/scripted-origin.ts';

/** 2 Mbit/s in bytes per second. */
const RATE = 250_000;

/** Seconds of the first test; `RELAY_DRILL_SECONDS=60` is its long form, by the clock on the wall. */
const DRILL = process.env['RELAY_DRILL_SECONDS'];
const SECONDS = Number(DRILL ?? 2.4);

/** A clock on which nothing passes but what the budget has a piece wait for: how busy this machine is is not its business. */
function pausesAlone(): Clock {
  let passed = 0;
  return {
    ...systemClock,
    monotonic: () => passed,
    async sleep(ms, signal) {
      // Those who watch over a body sleep a minute.
      if (ms >= 1000) return systemClock.sleep(ms, signal);
      passed += ms;
      await setImmediate();
    },
  };
}

/** Two sources, one file from each at the same time, `bytes` together; answers the seconds that took on `clock`. */
async function seconds(t: Test, bytes: number, clock: Clock, limits: UpstreamOptions['limits'] = {}): Promise<number> {
  const content = Buffer.alloc(bytes / 2, 'line ');
  const origins = [
    await scriptedOrigin(t, [respond(200, {}, content)]),
    await scriptedOrigin(t, [respond(200, {}, content)]),
  ];
  const upstream = createUpstream({
    clock,
    events: { emit() {} },
    wan: { rate: RATE, windows: [] },
    limits: { tries: 1, ...limits },
  });
  t.teardown(() => upstream.close());
  const start = clock.monotonic();
  await Promise.all(
    origins.map(async ({ source }) => {
      const sink = memorySink();
      await upstream.fetchObject({ source, path: 'pattern/a.zip', size: { exact: content.length }, sink });
      t.ok(sink.bytes.equals(content));
    }),
  );
  t.equal(upstream.received.total(), bytes);
  return (clock.monotonic() - start) / 1000;
}

t.test('all sources together move what the budget allows, within 5 %', async (t) => {
  const bytes = Math.round((SECONDS * RATE) / 2) * 2;
  const rate = bytes / (await seconds(t, bytes, DRILL === undefined ? pausesAlone() : systemClock));
  t.comment(`${bytes} bytes, ${Math.round(rate)} bytes/s, budget ${RATE}`);
  t.ok(Math.abs(rate / RATE - 1) < 0.05, `${Math.round(rate)} bytes/s`);
});

t.test('no source is called slow for what the budget took', async (t) => {
  const quick = { grace: 800, deadlineBytesPerSecond: 1e9, minimumBytesPerSecond: 1e6, rateWindow: 800 };
  t.ok((await seconds(t, 2 * RATE, systemClock, quick)) > 1.8);
});

t.test('what an agent waits for comes before what is prefetched, from the same source', async (t) => {
  const content = Buffer.alloc(16_000_000, 'line ');
  const origin = await scriptedOrigin(t, [respond(200, {}, content)]);
  const upstream = createUpstream({
    clock: systemClock,
    events: { emit() {} },
    wan: { rate: 4 * RATE, windows: [] },
  });
  const sinks = Array.from({ length: 6 }, () => memorySink());
  const fetch = (sink: MemorySink, priority: 'urgent' | 'prefetch') =>
    upstream.fetchObject({
      source: origin.source,
      path: 'pattern/a.zip',
      size: { exact: content.length },
      sink,
      priority: () => priority,
    });
  const prefetched = () => sinks.reduce((sum, { size }) => sum + size, 0);
  const stopped = sinks.map((sink) => t.rejects(fetch(sink, 'prefetch')));
  await Promise.all(sinks.map((sink) => sink.reached(1)));

  const urgent = memorySink();
  stopped.push(t.rejects(fetch(urgent, 'urgent')));
  await urgent.reached(1);
  const before = prefetched();
  await urgent.reached(500_000);
  const beside = prefetched() - before;
  t.ok(beside < 100_000, `${beside} bytes of six downloads beside 500000 of one that somebody waits for`);
  await upstream.close();
  await Promise.all(stopped);
});
