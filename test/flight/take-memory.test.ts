import t from 'tap';
import { createFlights } from '../../src/flight/flights.ts';
import { identityOf } from '../../src/flight/fetch-item.ts';
import { createTakeMemory } from '../../src/flight/take-memory.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import { handClock } from '../support/hand-clock.ts';
import { mirrorBench } from '../support/mirror-bench.ts';

const HOUR = 60 * 60_000;

t.test('a path that was cut is one for a day, however it is written', async (t) => {
  const clock = handClock();
  const memory = createTakeMemory(clock);
  t.notOk(memory.wasCut('pattern/a.zip'));
  memory.cut('Pattern/A.zip');
  clock.advance(23 * HOUR);
  t.ok(memory.wasCut('pattern/a.zip'));
  clock.advance(HOUR);
  t.notOk(memory.wasCut('pattern/a.zip'));
  memory.landed('tag', 'hash');
  t.equal(memory.contentOf('tag'), 'hash');
  t.equal(memory.contentOf('another'), undefined);
});

t.test('bug: a take that an update had begun was forgotten, whole or cut', async (t) => {
  // The Virus Pattern has 0.6 MB then.
  const release = createCatalogue({ shape: 'small', scale: 0.01 }).release(1);
  const { context, lab } = await mirrorBench(t, { release });
  const object = parseManifest(release.index).objects.find(({ path }) => path === 'pattern/vsapi985.zip');
  if (!object) throw new Error('the release has a Virus Pattern');
  lab.faults.on({ kind: 'wrongBytes', match: object.path, times: 1 });
  const flights = createFlights(context);
  const orders = {
    item: { ...object, listing: identityOf(object) },
    async *candidates() {
      yield* [...context.sources, ...context.sources];
    },
    signal: new AbortController().signal,
    async note() {},
  };
  const brought = flights.bring(orders);
  const { flight } = flights.join(orders.item, () => orders);
  await flight.join();
  const { sha256 } = await brought;
  t.ok(flights.takes.wasCut(object.path), 'half of it is worthless to whoever followed the first');
  t.equal(flights.takes.contentOf(flight.landed().take.tag), sha256);
});
