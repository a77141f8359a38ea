import t from 'tap';
import { RelayError } from '../../src/errors/relay-error.ts';
import type { Note } from '../../src/ports/notes.ts';
import { createSourceHealth, type SourceHealth } from '../../src/upstream/source-health.ts';
import { type HandClock, handClock } from '../support/hand-clock.ts';

const URL = 'http://ua1.example.com/activeupdate';
const OTHER = 'http://ua2.example.com/activeupdate';
const refused = new RelayError('RLY_UPSTREAM_STATUS', { url: URL, expected: 200, found: 500 });
const missing = new RelayError('RLY_UPDATE_INDEX_MISSING', { url: URL });
const busy = (retryAfter: number) => new RelayError('RLY_UPSTREAM_BUSY', { url: URL, found: 429, retryAfter });
const SECOND = 1000;
const HOUR = 3600 * SECOND;

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
      [5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * SECOND),
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
  t.match(health.record(URL), { failures: 0, lastError: { code: missing.code, message: missing.message } });
  health.failed(URL, new RelayError('RLY_UPSTREAM_NOT_YET', { url: URL, found: 503 }));
  t.match(health.record(URL), { failures: 0 }, 'nor is one object of another relay');
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
  health.failed(OTHER, busy(3600));
  health.pardon();
  t.notOk(health.isBenched(URL));
  t.equal(health.record(URL).failures, 1, 'what it did is not forgotten');
  t.equal(health.notBefore(OTHER), null);
});

t.test('Retry-After', async (t) => {
  t.test('is obeyed to the second, whatever else the source answers meanwhile', async (t) => {
    const clock = handClock();
    const health = createSourceHealth(clock);
    health.failed(URL, refused);
    t.equal(health.notBefore(URL), null, 'a failure alone closes no door');
    health.failed(URL, busy(3600));
    t.equal(health.notBefore(URL), clock.now() + HOUR);
    health.succeeded(URL);
    health.failed(URL, refused);
    t.equal(health.notBefore(URL), clock.now() + HOUR, 'a download that was under way changes nothing');
    health.failed(URL, new RelayError('RLY_UPSTREAM_NOT_BEFORE', { url: URL, until: 'later' }));
    t.match(health.record(URL), { failures: 1, lastError: { code: refused.code } }, 'not to ask is no failure');
    clock.advance(HOUR - 1);
    t.ok(health.isBenched(URL));
    clock.advance(1);
    t.equal(health.notBefore(URL), null);
    t.notOk(health.isBenched(URL));
  });

  t.test('of more than a day counts as a day, of nothing as any other failure', async (t) => {
    const clock = handClock();
    const health = createSourceHealth(clock);
    health.failed(URL, busy(1e12));
    t.equal(health.notBefore(URL), clock.now() + 24 * HOUR);
    health.failed(OTHER, busy(0));
    t.equal(health.notBefore(OTHER), null);
    t.ok(health.isBenched(OTHER));
  });

  t.test('of one source is no reason to rest while there is another', async (t) => {
    const clock = handClock();
    const health = createSourceHealth(clock);
    t.equal(health.rest([]), 0);
    health.failed(URL, busy(3600));
    t.equal(health.rest([URL, OTHER]), 0);
    t.equal(health.rest([URL]), HOUR);
    health.failed(OTHER, refused);
    t.equal(health.rest([URL, OTHER]), 5 * SECOND);
  });
});

t.test('what is noted', async (t) => {
  /** Health that notes, and a way to be started anew from what it noted last. */
  function process(clock: HandClock, known?: unknown) {
    let kept: unknown = known;
    let times = 0;
    const note: Note = {
      known,
      keep(value) {
        kept = JSON.parse(JSON.stringify(value));
        times += 1;
      },
    };
    const health: SourceHealth = createSourceHealth(clock, note);
    return { health, times: () => times, again: () => process(clock, kept) };
  }

  t.test('benches, their length and the last error outlive a restart', async (t) => {
    const clock = handClock();
    const first = process(clock);
    first.health.succeeded(OTHER);
    for (let i = 0; i < 3; i += 1) first.health.failed(URL, refused);
    first.health.failed(URL, busy(3600));
    const second = first.again();
    t.strictSame(second.health.record(URL), first.health.record(URL));
    t.equal(second.health.notBefore(URL), clock.now() + HOUR);
    t.equal(second.health.record(OTHER).lastSuccessAt, clock.now());
    second.health.failed(URL, refused);
    t.equal(second.health.record(URL).benchedUntil - clock.now(), 80 * SECOND, 'the fifth in a row');
    second.health.pardon();
    t.equal(second.again().health.notBefore(URL), null, 'a pardon, too');
  });

  t.test('a success for each object is no news', async (t) => {
    const clock = handClock();
    const { health, times } = process(clock);
    for (let i = 0; i < 100; i += 1) health.succeeded(URL);
    t.equal(times(), 1);
    clock.advance(15 * 60 * SECOND);
    health.succeeded(URL);
    t.equal(times(), 2);
    health.failed(URL, refused);
    health.succeeded(URL);
    t.equal(times(), 4, 'that it is back is');
  });

  t.test('a bench that lies further ahead than any can was made under another clock, and is over', async (t) => {
    const wrong = handClock(Date.UTC(2028, 0, 1));
    const first = process(wrong);
    first.health.failed(URL, busy(3600));
    const right = handClock(Date.UTC(2026, 0, 1));
    const { again } = first;
    t.ok(again().health.isBenched(URL));
    wrong.advance(right.now() - wrong.now());
    t.notOk(again().health.isBenched(URL), 'after a restart');
    t.notOk(first.health.isBenched(URL), 'and while it runs');
    t.equal(first.health.notBefore(URL), null);
  });

  t.test('what has another shape is nothing, and costs nothing else', async (t) => {
    const clock = handClock();
    const good = { failures: 1, lastError: null, lastSuccessAt: null, benchedUntil: 0, notBefore: clock.now() + HOUR };
    for (const known of [undefined, null, 'text', 7, [], { [URL]: { failures: 'many' } }]) {
      t.notOk(process(clock, known).health.isBenched(URL), JSON.stringify(known));
    }
    t.ok(process(clock, { [OTHER]: {}, [URL]: good }).health.isBenched(URL));
  });
});
