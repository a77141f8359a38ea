import t from 'tap';
import { createMirror, type MirrorView } from '../../src/mirror/mirror.ts';
import { generationDifferences } from '../support/release-truth.ts';
import { catalogue, mirrorBench, type MirrorBench } from '../support/mirror-bench.ts';
import { steppedClock } from '../support/stepped-clock.ts';

const MINUTE = 60_000;
const second = catalogue.release(2);

const indexRequests = ({ lab }: MirrorBench) => lab.requests.filter(({ path }) => path === 'server.ini').length;
const minutesTo = (nextAt: string | null, now: number) => Math.round((Date.parse(nextAt ?? '') - now) / 6000) / 10;

t.test('one flight', async (t) => {
  t.test('whoever asks while an update runs gets that one', async (t) => {
    const bench = await mirrorBench(t);
    const flights = [bench.mirror.update('administrator'), bench.mirror.update('schedule')];
    t.equal(flights[0], flights[1]);
    t.equal(bench.mirror.request('administrator'), false);
    t.match(await Promise.all(flights), [{ generation: 1 }, { generation: 1 }]);
    t.equal(indexRequests(bench), 2, 'one to plan by and one to confirm');
    t.equal(bench.events.of('update.started').length, 1);
  });

  t.test('an update that was asked for and not waited for is told by events and view', async (t) => {
    const { mirror, events, lab } = await mirrorBench(t);
    lab.faults.on({ kind: 'status', status: 403 });
    t.equal(mirror.request('administrator'), true);
    t.match(await events.nth('update.failed', 1), { generation: null, error: /^RLY_UPDATE_NO_SOURCE: .*answered 403/ });
    lab.faults.clear();
    await mirror.update('administrator').catch(() => {});
    t.equal(mirror.request('administrator'), true, 'the failed one is over');
    t.match(await events.nth('update.published', 1), { generation: 1 });
  });

  t.test('what an administrator begins is noted before, and nothing else begins meanwhile', async (t) => {
    const { mirror, events } = await mirrorBench(t);
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const refused = mirror.requestNoted(() => first.promise);
    t.equal(await mirror.requestNoted(() => second.promise), false);
    t.equal(mirror.request('schedule'), false);
    first.reject(new Error('a full disk'));
    await t.rejects(refused, /a full disk/);
    t.strictSame(events.of('update.started'), [], 'what cannot be noted does not begin');

    const begun = mirror.requestNoted(() => second.promise);
    second.resolve();
    t.equal(await begun, true);
    t.match(await events.nth('update.published', 1), { generation: 1 });
    t.match(events.of('update.started'), [{ trigger: 'administrator' }]);
  });
});

t.test('what can be seen', async (t) => {
  t.test('before the first update: nothing', async (t) => {
    const { mirror } = await mirrorBench(t);
    t.strictSame(mirror.view(), {
      phase: 'idle',
      source: null,
      objects: { done: 0, total: 0 },
      bytes: { done: 0, total: 0 },
      running: [],
      lastSuccessAt: null,
      lastError: null,
      nextAt: null,
    });
  });

  t.test('while it runs: phase, source, objects and bytes so far, downloads under way', async (t) => {
    const seen: MirrorView[] = [];
    const bench = await mirrorBench(t, { onProgress: ({ mirror }) => seen.push(mirror.view()) });
    await bench.mirror.update('administrator');
    const phases = seen.map(({ phase }) => phase);
    t.strictSame(
      phases.filter((phase, at) => phase !== phases[at - 1]),
      ['checking', 'planning', 'acquiring', 'confirming', 'publishing', 'idle'],
    );
    t.ok(seen.every(({ source }) => source === bench.lab.componentsUrl));
    t.ok(seen.every(({ objects, bytes }) => objects.done <= objects.total && bytes.done <= bytes.total));
    t.ok(
      seen.some(({ running }) => running.length > 1),
      'several at a time',
    );
    t.ok(
      seen.some(({ running }) => running.some(({ total }) => total === null)),
      'a signature, of unknown size',
    );
    const { objects, bytes, running } = bench.mirror.view();
    t.equal(objects.done, objects.total);
    t.equal(bytes.done, bytes.total);
    t.strictSame(running, []);
  });

  t.test('afterwards: when it last went well', async (t) => {
    const clock = steppedClock();
    const { mirror, lab } = await mirrorBench(t, { clock });
    await mirror.update('administrator');
    const published = mirror.view().lastSuccessAt;
    clock.advance(MINUTE);
    await mirror.update('administrator');
    const checked = mirror.view().lastSuccessAt;
    t.ok(Date.parse(checked ?? '') >= Date.parse(published ?? '') + MINUTE, 'no change is a success, too');
    lab.faults.on({ kind: 'status', status: 403 });
    await t.rejects(mirror.update('administrator'), { code: 'RLY_UPDATE_NO_SOURCE' });
    t.match(mirror.view(), { phase: 'idle', lastSuccessAt: checked, lastError: /^RLY_UPDATE_NO_SOURCE: .*403/ });
  });

  t.test('after a start: when the generation that is here was published', async (t) => {
    const { mirror, context, store } = await mirrorBench(t);
    await mirror.update('administrator');
    const later = createMirror({ ...context, every: MINUTE });
    t.equal(later.view().lastSuccessAt, store.generations.current()?.publishedAt);
  });

  t.test('a bug is told as one, and is over with its update', async (t) => {
    let broken = true;
    const onProgress = ({ mirror }: MirrorBench) => {
      if (!broken || mirror.view().phase !== 'acquiring') return;
      broken = false;
      throw new TypeError('nobody thought of that');
    };
    const { mirror, store } = await mirrorBench(t, { onProgress });
    await t.rejects(mirror.update('administrator'), TypeError);
    t.equal(mirror.view().lastError, 'RLY_INTERNAL: TypeError: nobody thought of that');
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(catalogue.release(1), store), []);
  });
});

t.test('the schedule', async (t) => {
  t.test('begins at once when there is nothing to serve, and goes on as configured', async (t) => {
    const clock = steppedClock();
    const { mirror, events } = await mirrorBench(t, { clock });
    mirror.start();
    mirror.start();
    t.equal(await clock.nthSleep(1), 0);
    t.match(await events.nth('update.started', 1), { trigger: 'schedule' });
    t.equal(mirror.view().nextAt, null, 'an update is running');
    t.equal(await clock.nthSleep(2), 15 * MINUTE);
    t.equal(events.of('update.published').length, 1);
    t.equal(minutesTo(mirror.view().nextAt, clock.now()), 15);
    clock.advance(14.9 * MINUTE);
    clock.advance(0.2 * MINUTE);
    await events.nth('update.unchanged', 1);
    t.equal(await clock.nthSleep(3), 15 * MINUTE);
    t.equal(events.of('update.started').length, 2);
  });

  t.test('begins within half a minute when there is a generation', async (t) => {
    const clock = steppedClock();
    const { mirror, context } = await mirrorBench(t, { clock });
    await mirror.update('administrator');
    const later = createMirror({ ...context, every: 15 * MINUTE, random: () => 0.9 });
    t.teardown(() => later.stop());
    later.start();
    t.equal(await clock.nthSleep(1), 27_000);
  });

  t.test(
    'tries again after 5 to 6 minutes when the index is away, and says so; again, and it is a failure',
    async (t) => {
      const clock = steppedClock();
      const { mirror, lab, events, store } = await mirrorBench(t, { clock, random: () => 0.9 });
      mirror.start();
      await clock.nthSleep(2);
      const { finish } = lab.publishSlowly(second);
      clock.advance(17 * MINUTE);
      const pause = await clock.nthSleep(3);
      t.equal(Math.round(pause), 5.9 * MINUTE);
      t.strictSame(events.of('update.waiting'), [{ source: lab.componentsUrl, seconds: 354 }]);
      t.strictSame(events.of('update.failed'), []);
      t.match(mirror.view(), { phase: 'waiting', lastError: /^RLY_UPDATE_NO_SOURCE: .*there is no index/ });
      t.equal(minutesTo(mirror.view().nextAt, clock.now()), 5.9);

      clock.advance(5.9 * MINUTE);
      t.equal(await clock.nthSleep(4), pause);
      t.match(events.of('update.failed'), [{ generation: 1, error: /there is no index/ }]);
      t.equal(events.of('update.waiting').length, 1);

      finish();
      clock.advance(5.9 * MINUTE);
      await events.nth('update.published', 2);
      t.equal(Math.round((await clock.nthSleep(5)) / MINUTE), 16);
      t.match(mirror.view(), { phase: 'idle', lastError: null });
      t.strictSame(await generationDifferences(second, store), []);
    },
  );

  t.test('goes on after a failure', async (t) => {
    const clock = steppedClock();
    const { mirror, lab, events } = await mirrorBench(t, { clock });
    lab.faults.on({ kind: 'status', status: 403 });
    mirror.start();
    t.equal(await clock.nthSleep(2), 15 * MINUTE);
    t.equal(events.of('update.failed').length, 1);
    lab.faults.clear();
    clock.advance(15 * MINUTE);
    t.match(await events.nth('update.published', 1), { generation: 1 });
  });

  t.test('heeds what a source that is alone says in Retry-After, be it soon or late', async (t) => {
    const clock = steppedClock();
    const { mirror, lab, events } = await mirrorBench(t, { clock });
    lab.faults.on({ kind: 'status', status: 503, retryAfter: 60, times: 1 });
    mirror.start();
    const soon = await clock.nthSleep(2);
    t.ok(soon > 59_000 && soon <= 66_000, `${soon} ms after 60 s were asked for`);
    lab.faults.on({ kind: 'status', status: 429, retryAfter: 3600, times: 1 });
    clock.advance(soon);
    const late = await clock.nthSleep(3);
    t.ok(late > 59 * MINUTE && late <= 66 * MINUTE, `${late} ms after an hour was asked for`);
    t.equal(lab.requests.length, 2);
    clock.advance(late);
    t.match(await events.nth('update.published', 1), { generation: 1 });
    t.equal(await clock.nthSleep(4), 15 * MINUTE);
  });

  t.test('starts anew with each update by hand: what that came to decides', async (t) => {
    const clock = steppedClock();
    const { mirror, lab } = await mirrorBench(t, { clock });
    mirror.start();
    t.equal(await clock.nthSleep(2), 15 * MINUTE);
    clock.advance(10 * MINUTE);
    await mirror.update('administrator');
    t.equal(await clock.nthSleep(3), 15 * MINUTE);
    t.equal(minutesTo(mirror.view().nextAt, clock.now()), 15);
    lab.publishSlowly(second);
    await t.rejects(mirror.update('administrator'), { code: 'RLY_UPDATE_NO_SOURCE' });
    t.equal(await clock.nthSleep(4), 5.5 * MINUTE);
  });
});

t.test('a stop', async (t) => {
  t.test('ends the schedule', async (t) => {
    const clock = steppedClock();
    const bench = await mirrorBench(t, { clock });
    bench.mirror.start();
    await clock.nthSleep(2);
    await bench.mirror.stop();
    const before = indexRequests(bench);
    clock.advance(60 * MINUTE);
    t.equal(indexRequests(bench), before);
    await bench.mirror.stop();
  });

  t.test('ends an update under way, which is no failure', async (t) => {
    let stopping: Promise<void> | undefined;
    const { mirror, events, store } = await mirrorBench(t, {
      onProgress: ({ mirror: own }) => {
        if (own.view().objects.done >= 10) stopping ??= own.stop();
      },
    });
    await t.rejects(mirror.update('administrator'), { message: 'the relay is stopping' });
    await stopping;
    t.match(mirror.view(), { phase: 'idle', lastError: null, nextAt: null });
    t.strictSame(events.of('update.failed'), []);
    t.equal(store.generations.current(), undefined);
    t.equal(store.usage().reserved, 0, 'nothing is promised any more');
  });

  t.test('is for good', async (t) => {
    const bench = await mirrorBench(t);
    await bench.mirror.stop();
    await t.rejects(bench.mirror.update('administrator'), { message: 'the relay is stopping' });
    t.equal(indexRequests(bench), 0);
  });
});
