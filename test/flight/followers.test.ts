import t from 'tap';
import { createFlights } from '../../src/flight/flights.ts';
import { identityOf } from '../../src/flight/fetch-item.ts';
import type { FlightOrders } from '../../src/flight/flight.ts';
import { createOnDemand } from '../../src/flight/on-demand.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import type { BlobWriter, Store } from '../../src/ports/store.ts';
import { eventually } from '../support/eventually.ts';
import { mirrorBench } from '../support/mirror-bench.ts';
import { takeWhole } from '../support/pull-bench.ts';

// The Virus Pattern has 0.6 MB then.
const release = createCatalogue({ shape: 'small', scale: 0.01 }).release(1);

t.test('bug: who followed an object from disk was cut while it was noted and given its name', async (t) => {
  const { context } = await mirrorBench(t, { release });
  const object = parseManifest(release.index).objects.find(({ path }) => path === 'pattern/vsapi985.zip');
  if (!object) throw new Error('the release has a Virus Pattern');
  const noting = Promise.withResolvers<void>();
  const read = Promise.withResolvers<Buffer>();
  const item = { ...object, listing: identityOf(object) };
  const orders: FlightOrders = {
    item,
    async *candidates() {
      yield* context.sources;
    },
    signal: new AbortController().signal,
    async note() {
      noting.resolve();
      // Some of it is asked for now; all of it can be had when the object has its name.
      await Promise.race([read.promise.catch(() => {}), context.clock.sleep(50)]);
    },
  };
  const { flight } = createFlights(context).join(item, () => orders);
  const take = await flight.join();
  await noting.promise;
  takeWhole(take).then(read.resolve, read.reject);
  t.ok((await read.promise).equals(await release.file(object.path)));
  await flight.home;
});

t.test(
  'bug: who asked for an object while it was given its name was told in the log that its blob is broken',
  async (t) => {
    const { context, store, mirror } = await mirrorBench(t, { release, prefetches: ({ kind }) => kind !== 'pattern' });
    await mirror.update('schedule');
    const generation = store.generations.current();
    const object = generation?.onDemand.find(({ path }) => path === 'pattern/vsapi985.zip');
    if (!generation || !object) throw new Error('the Virus Pattern is on demand');
    const between = Promise.withResolvers<unknown>();
    const fills: Store['fills'] = {
      ...store.fills,
      async add(fill) {
        await store.fills.add(fill);
        between.resolve(onDemand.fillOf(object));
      },
    };
    const watched = { ...context, store: { ...store, fills } };
    const flights = createFlights(watched);
    const { signal } = new AbortController();
    const memory = { claim: () => undefined };
    const onDemand = createOnDemand({ flights, memory, signal, lookForUpdate: () => {} }, watched);
    await onDemand.join({ object, generation });
    t.equal(await between.promise, undefined, 'it is noted, and not on disk yet');
    await flights.landed();
    t.match(onDemand.fillOf(object), { path: object.path });
  },
);

t.test('bug: an open answer that followed a download did not hold what came of it', async (t) => {
  const { context, store, mirror } = await mirrorBench(t, {
    release,
    prefetches: ({ kind }) => kind !== 'pattern',
    maxSize: 20_000_000,
  });
  await mirror.update('schedule');
  const generation = store.generations.current();
  const object = generation?.onDemand.find(({ path }) => path === 'pattern/vsapi985.zip');
  if (!generation || !object) throw new Error('the Virus Pattern is on demand');
  const flights = createFlights(context);
  const { signal } = new AbortController();
  const memory = { claim: () => undefined };
  const onDemand = createOnDemand({ flights, memory, signal, lookForUpdate: () => {} }, context);
  const { take } = await onDemand.join({ object, generation });
  const leave = take.whenWorthless(() => t.fail('it is worth something'));
  await flights.landed();

  const allThereIs = (): Promise<BlobWriter> => store.blobs.create(20_000_000 - store.usage().bytes + object.size);
  await t.rejects(allThereIs(), { code: 'RLY_STORAGE_FULL' });
  t.ok((await takeWhole(take)).equals(await release.file(object.path)));
  leave();
  await eventually('what nobody reads any more goes', async () => {
    const writer = await allThereIs().catch(() => undefined);
    await writer?.abort();
    return writer !== undefined;
  });
  await t.rejects(takeWhole(take), { code: 'RLY_STORAGE_BLOB_BROKEN' });
});
