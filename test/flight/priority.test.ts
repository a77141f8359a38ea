import t from 'tap';
import type { FlightContext } from '../../src/flight/context.ts';
import { createFlights } from '../../src/flight/flights.ts';
import { identityOf } from '../../src/flight/fetch-item.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import type { ObjectRequest } from '../../src/upstream/upstream.ts';
import { catalogue, mirrorBench } from '../support/mirror-bench.ts';

t.test('a flight of an update is urgent as soon as an agent asks for its object, and not before', async (t) => {
  const { context, lab } = await mirrorBench(t);
  const requested = Promise.withResolvers<ObjectRequest>();
  const { upstream } = context;
  const watched: FlightContext = {
    ...context,
    upstream: {
      ...upstream,
      fetchObject(request) {
        requested.resolve(request);
        return upstream.fetchObject(request);
      },
    },
  };
  const { objects } = parseManifest(catalogue.release(1).index);
  const object = objects.find(({ kind }) => kind === 'incremental');
  if (!object) throw new Error('the release has objects');
  lab.faults.on({ kind: 'slow', bytesPerSecond: 1_000, match: object.path });
  const flights = createFlights(watched);
  const item = { ...object, listing: identityOf(object) };
  const orders = {
    item,
    async *candidates() {
      yield* context.sources;
    },
    signal: new AbortController().signal,
    note: async () => {},
  };
  const home = flights.bring(orders);
  const { priority } = await requested.promise;
  t.equal(priority?.(), 'prefetch');
  const { flight, began } = flights.join(item, () => orders);
  t.equal(began, false, 'the same one');
  const joined = flight.join();
  t.equal(priority?.(), 'urgent');
  await Promise.all([home, joined]);
});
