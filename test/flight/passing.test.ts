import t, { type Test } from 'tap';
import { RelayError } from '../../src/errors/relay-error.ts';
import type { FlightContext } from '../../src/flight/context.ts';
import { identityOf } from '../../src/flight/fetch-item.ts';
import type { FlightOrders } from '../../src/flight/flight.ts';
import { createFlights } from '../../src/flight/flights.ts';
import { createOnDemand } from '../../src/flight/on-demand.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import type { MemoryClaim } from '../../src/ports/memory.ts';
import type { BlobStore } from '../../src/ports/store.ts';
import { mirrorBench } from '../support/mirror-bench.ts';
import { takeWhole } from '../support/pull-bench.ts';

const release = createCatalogue({ shape: 'small', scale: 0.01 }).release(1);
const SIGNATURE = 'pattern/vsapi985.sig';
const PATTERN = 'pattern/vsapi985.zip';
const FULL = new RelayError('RLY_STORAGE_FULL', { bytes: 1, path: '/p', reason: 'the disk is full' });

const claim = (bytes: number): MemoryClaim => ({ buffer: Buffer.alloc(bytes), keep() {}, release() {} });

/** A mirrored release with patterns on demand, and flights that find no room on disk for so many writers. */
async function office(t: Test, refusals: number) {
  const { context, store, mirror } = await mirrorBench(t, { release, prefetches: ({ kind }) => kind !== 'pattern' });
  await mirror.update('schedule');
  const generation = store.generations.current();
  if (!generation) throw new Error('nothing was published');
  let left = refusals;
  const create: BlobStore['create'] = (bytes, options) =>
    left-- > 0 ? Promise.reject(FULL) : store.blobs.create(bytes, options);
  const full: FlightContext = { ...context, store: { ...store, blobs: { ...store.blobs, create } } };
  const flights = createFlights(full);
  const { signal } = new AbortController();
  const options = { flights, memory: { claim }, signal, lookForUpdate() {} };
  return { onDemand: createOnDemand(options, full), flights, full, store, generation };
}

t.test('bug: an update that joined a download for which the disk had no room was given no blob', async (t) => {
  const { onDemand, flights, full, store, generation } = await office(t, 1);
  const object = generation.onDemand.find(({ path }) => path === PATTERN);
  if (!object) throw new Error('the Virus Pattern is on demand');
  const { take } = await onDemand.join({ object, generation });
  const orders: FlightOrders = {
    item: { ...object, listing: identityOf(object) },
    async *candidates() {
      yield* full.sources;
    },
    signal: new AbortController().signal,
    async note() {},
  };
  const [brought, taken] = await Promise.all([flights.bring(orders), takeWhole(take)]);
  t.ok(taken.equals(await release.file(PATTERN)));
  t.ok(await store.blobs.has(brought));
});

t.test('bug: a signature that passed through memory was given for that of another generation', async (t) => {
  const { onDemand, flights, generation } = await office(t, Infinity);
  const object = generation.objects.find(({ path }) => path === SIGNATURE);
  if (!object) throw new Error('the Virus Pattern has a signature');
  const first = await onDemand.join({ object, generation });
  t.ok((await takeWhole(first.take)).equals(await release.file(SIGNATURE)));
  await flights.landed();
  t.equal((await onDemand.join({ object, generation })).take, first.take, 'it stays for this one');
  const other = { ...object, sha256: '0'.repeat(64) };
  await t.rejects(onDemand.join({ object: other, generation: { ...generation, objects: [other] } }), {
    code: 'RLY_OBJECT_NOT_YET',
  });
});

t.test('bug: what came anew and had to make room for itself was not noted, and came a third time', async (t) => {
  const { onDemand, flights, store, generation } = await office(t, 0);
  const object = generation.onDemand.find(({ path }) => path === PATTERN);
  if (!object) throw new Error('the Virus Pattern is on demand');
  await takeWhole((await onDemand.join({ object, generation })).take);
  await flights.landed();
  const fill = onDemand.fillOf(object);
  if (!fill) throw new Error('it was not noted');
  await store.fills.retain(() => false);
  await takeWhole((await onDemand.join({ object: fill, generation })).take);
  await flights.landed();
  t.match(onDemand.fillOf(object), { sha256: fill.sha256 });
});
