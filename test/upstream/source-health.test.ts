import t from 'tap';
import { RelayError } from '../../src/errors/relay-error.ts';
import { createSourceHealth } from '../../src/upstream/source-health.ts';
import { handClock } from '../support/hand-clock.ts';

const URL = 'http://ua1.example.com/activeupdate';
const refused = new RelayError('RLY_UPSTREAM_STATUS', { url: URL, expected: 200, found: 500 });
const missing = new RelayError('RLY_UPDATE_INDEX_MISSING', { url: URL });

t.test(
  'a source that fails is passed over for longer each time, never for ever, and forgiven at its first success',
  async (t) => {
    const clock = handClock();
    const health = createSourceHealth(clock);
    t.notOk(health.isBenched(URL), 'nobody is guilty before');
    const benches: number[] = [];
    for (let failure = 0; failure < 9; failure += 1) {
      health.failed(URL, refused);
      benches.push(health.record(URL).benchedUntil - clock.now());
      t.ok(health.isBenched(URL));
      clock.advance(benches.at(-1) ?? 0);
      t.notOk(health.isBenched(URL), 'its time is over');
    }
    t.strictSame(
      benches,
      [5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1000),
    );
    health.succeeded(URL);
    t.match(health.record(URL), { failures: 0, lastError: null, lastSuccessAt: clock.now() });
    health.failed(URL, refused);
    t.equal(health.record(URL).benchedUntil - clock.now(), 5_000, 'from the beginning again');
  },
);

t.test('a missing index is remembered, and no outage', async (t) => {
  const health = createSourceHealth(handClock());
  health.failed(URL, missing);
  t.match(health.record(URL), { failures: 0, lastError: missing });
  t.notOk(health.isBenched(URL));
});

t.test(
  'one connection that is cut may be one bad file; a second one without a success between is the source',
  async (t) => {
    const health = createSourceHealth(handClock());
    const cut = new RelayError('RLY_UPSTREAM_RESET', { url: URL, expected: 'x', found: 'y', reason: 'z' } as never);
    health.failed(URL, cut);
    t.notOk(health.isBenched(URL));
    health.failed(URL, cut);
    t.ok(health.isBenched(URL));
  },
);

t.test('whoever has mended a source may have it tried at once', async (t) => {
  const health = createSourceHealth(handClock());
  health.failed(URL, refused);
  health.pardon();
  t.notOk(health.isBenched(URL));
  t.equal(health.record(URL).failures, 1, 'what it did is not forgotten');
});
