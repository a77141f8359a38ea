import t, { type Test } from 'tap';
import { RelayError } from '../../src/errors/relay-error.ts';
import { createFlights } from '../../src/flight/flights.ts';
import { identityOf } from '../../src/flight/fetch-item.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';
import { handClock } from '../support/hand-clock.ts';
import { mirrorBench } from '../support/mirror-bench.ts';
import { takeWhole } from '../support/pull-bench.ts';

// The Virus Pattern has 0.6 MB then.
const release = createCatalogue({ shape: 'small', scale: 0.01 }).release(1);
const PATH = 'pattern/vsapi985.zip';

/** A flight from a source that is away after half of the object, for so many requests; time passes only while it waits. */
async function flightFrom(t: Test, away: number, isFollowed: boolean) {
  const { context } = await mirrorBench(t, { release });
  const object = parseManifest(release.index).objects.find(({ path }) => path === PATH);
  if (!object) throw new Error('the release has a Virus Pattern');
  const truth = await release.file(PATH);
  const hand = handClock();
  const clock = { ...hand, sleep: async (ms: number) => hand.advance(ms) };
  let requests = 0;
  const upstream: Pick<Upstream, 'fetchObject'> = {
    async fetchObject({ source: { url }, sink, onValidators }) {
      requests += 1;
      if (requests > 1 && requests <= 1 + away) throw new RelayError('RLY_UPSTREAM_REFUSED', { url });
      await onValidators?.({ etag: '"strong"', lastModified: null });
      await sink.write(truth.subarray(sink.size, requests === 1 ? truth.length >> 1 : truth.length));
      if (requests === 1) throw new RelayError('RLY_UPSTREAM_RESET', { url, reason: 'other side closed' });
      return { etag: '"strong"', lastModified: null, received: 0 };
    },
  };
  const orders = {
    item: { ...object, listing: identityOf(object) },
    async *candidates() {
      yield* context.sources;
    },
    signal: new AbortController().signal,
    async note() {},
  };
  const flights = createFlights({ ...context, clock, upstream: { ...context.upstream, ...upstream } });
  const { flight } = flights.join(orders.item, () => orders);
  const follower = isFollowed ? flight.join().then(takeWhole) : undefined;
  follower?.catch(() => {});
  const failures = (): number => context.health.record(context.sources[0]?.url ?? '').failures;
  return { flight, follower, truth, seconds: () => hand.monotonic() / 1000, requests: () => requests, failures };
}

t.test('a source that comes back within half a minute: who follows notices a pause', async (t) => {
  const { flight, follower, truth, seconds } = await flightFrom(t, 12, true);
  await flight.home;
  t.ok((await follower)?.equals(truth));
  t.equal(seconds(), 26);
});

t.test(
  'one that stays away: who follows is cut after half a minute, and it is one failure of the source',
  async (t) => {
    const { flight, follower, seconds, failures } = await flightFrom(t, Infinity, true);
    await t.rejects(flight.home, { code: 'RLY_UPSTREAM_REFUSED' });
    await t.rejects(async () => void (await follower), { code: 'RLY_UPSTREAM_REFUSED' });
    t.equal(seconds(), 30);
    t.equal(failures(), 1);
  },
);

t.test('where nobody follows, an update learns it at once', async (t) => {
  const { flight, requests } = await flightFrom(t, Infinity, false);
  await t.rejects(flight.home, { code: 'RLY_UPSTREAM_RESET' });
  t.equal(requests(), 1);
});
