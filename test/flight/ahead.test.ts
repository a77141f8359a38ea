import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { fetchAhead, isFarAhead } from '../../src/flight/ahead.ts';
import type { ObjectRequest, Upstream } from '../../src/upstream/upstream.ts';
import { bytesOf } from '../storage/sample.ts';

t.test('only who would wait for more than ten seconds is far ahead', async (t) => {
  fc.assert(
    fc.property(fc.nat(1e8), fc.nat(1e8), fc.integer({ min: 1, max: 1e8 }), (here, position, bytesPerSecond) => {
      t.equal(isFarAhead({ here, position, bytesPerSecond }), (position - here) / bytesPerSecond > 10);
    }),
  );
});

const truth = bytesOf('object', 1000);
const like = {
  source: { url: 'http://127.0.0.1/download' },
  path: 'pattern/a.zip',
  size: { exact: truth.length },
  validators: { etag: '"strong"', lastModified: null },
};

/** An upstream that does with the sink what a source would have it do. */
function upstream(script: (request: ObjectRequest) => Promise<void>): Pick<Upstream, 'fetchObject'> {
  return {
    async fetchObject(request) {
      await script(request);
      return { etag: null, lastModified: null, received: 0 };
    },
  };
}

t.test('it brings the rest from where it begins, into memory, and tells each step', async (t) => {
  const memory = Buffer.alloc(truth.length);
  let steps = 0;
  const asked: number[] = [];
  const ahead = fetchAhead({
    like,
    start: 600,
    memory,
    upstream: upstream(async ({ sink }) => {
      asked.push(sink.size);
      await sink.write(truth.subarray(600, 900));
      await sink.write(truth.subarray(900));
    }),
    onGrew: () => void (steps += 1),
  });
  while (ahead.running) await ahead.moved();
  t.strictSame(asked, [600], 'to the source it looks like a download that is to be gone on with');
  t.match({ start: ahead.start, end: ahead.end }, { start: 600, end: 1000 });
  t.ok(memory.subarray(600).equals(truth.subarray(600)));
  t.equal(steps, 3, 'two pieces, and the end');
});

t.test('a source that would begin anew has another content: it ends there', async (t) => {
  const ahead = fetchAhead({
    like,
    start: 600,
    memory: Buffer.alloc(truth.length),
    upstream: upstream(async ({ sink }) => sink.restart()),
    onGrew: () => {},
  });
  while (ahead.running) await ahead.moved();
  t.equal(ahead.end, 600, 'nothing of it is taken');
});

t.test('it stops when nobody needs it any more, or when the flight does', async (t) => {
  for (const how of ['itself', 'the flight']) {
    const flight = new AbortController();
    const ahead = fetchAhead({
      like: { ...like, signal: flight.signal },
      start: 0,
      memory: Buffer.alloc(truth.length),
      upstream: upstream(async ({ signal }) => {
        const { promise, reject } = Promise.withResolvers<void>();
        signal?.addEventListener('abort', () => reject(signal.reason));
        await promise;
      }),
      onGrew: () => {},
    });
    if (how === 'itself') ahead.stop();
    else flight.abort();
    while (ahead.running) await ahead.moved();
    t.equal(ahead.end, 0);
  }
});
