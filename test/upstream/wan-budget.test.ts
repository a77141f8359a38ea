import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { createBucket, createWanBudget, type WanBudget } from '../../src/upstream/wan-budget.ts';
import type { Lane } from '../../src/upstream/wan-turns.ts';
import { type VirtualClock, virtualClock } from '../support/virtual-clock.ts';

const RATE = 250_000;
const PIECE = 64 * 1024;
const SECOND = 1_000;

t.test('what came is paid for at the rate, from the first byte on', async (t) => {
  const bucket = createBucket();
  t.equal(bucket.take(25_000, RATE, 1000), 100);
  t.equal(bucket.take(50_000, RATE, 1000), 300, 'first come, first served');
  t.equal(bucket.take(25_000, RATE, 1300), 100, 'after its pause');
});

t.test('a timer that comes late is made up for', async (t) => {
  const bucket = createBucket();
  bucket.take(25_000, RATE, 0);
  t.equal(bucket.take(50_000, RATE, 120), 180);
});

t.test('a long pause buys a quarter of a second and no more', async (t) => {
  const bucket = createBucket();
  bucket.take(25_000, RATE, 0);
  t.equal(bucket.take(62_500, RATE, 3_600_000), 0);
  t.equal(bucket.take(25_000, RATE, 3_600_000), 100);
});

t.test('more than that is made up for where a piece was waiting: the process came late, not the source', async (t) => {
  const bucket = createBucket();
  bucket.take(25_000, RATE, 0);
  t.equal(bucket.take(250_000, RATE, 900, 50), 200, 'all of the 800 ms since the last one was paid for');
  t.equal(bucket.take(250_000, RATE, 10_000, 1_100), 0);
  t.equal(bucket.take(250_000, RATE, 10_000, 1_100), 0);
  t.equal(bucket.take(25_000, RATE, 10_000, 1_100), 100, 'two seconds at most');
});

t.test('a change of the rate holds from the next piece on', async (t) => {
  const bucket = createBucket();
  t.equal(bucket.take(25_000, RATE, 0), 100);
  t.equal(bucket.take(25_000, RATE / 2, 100), 200);
});

t.test('over no stretch of time more moves than the rate, the burst and the piece at its end', async () => {
  const pieces = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 65_536 }), idle: fc.nat(1_000) }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(pieces, (steps) => {
      const bucket = createBucket();
      const moved: { readonly at: number; readonly bytes: number }[] = [];
      let now = 0;
      for (const { bytes, idle } of steps) {
        now += idle;
        moved.push({ at: now, bytes });
        now += bucket.take(bytes, RATE, now);
      }
      return moved.every((first, i) => {
        let sum = 0;
        return moved.slice(i).every(({ at, bytes }) => {
          const before = sum;
          sum += bytes;
          return before <= (RATE * (at - first.at + 250)) / 1000 + 1;
        });
      });
    }),
  );
});

/** Pieces that were paid for: when, whose, how many bytes. */
interface Paid {
  readonly at: number;
  readonly who: string;
  readonly bytes: number;
}

interface Download {
  readonly who: string;
  readonly lane: () => Lane;
  /** Bytes; without it there is no end. */
  readonly size?: number;
  readonly piece?: number;
  /** Ms until the source has the next piece; 1, unless told otherwise. */
  readonly gap?: number;
  /** Bytes per second that the source has; what has come while nobody read is one piece. */
  readonly source?: number;
}

/** A line with a budget, and who has got how much of it. */
function line(): {
  clock: VirtualClock;
  paid: Paid[];
  start(download: Download): Promise<number>;
  of(who: string): number;
} {
  const clock = virtualClock();
  const budget: WanBudget = createWanBudget({ rate: RATE, windows: [] }, clock);
  const paid: Paid[] = [];
  const { signal } = new AbortController();
  return {
    clock,
    paid,
    /** Answers when it was through, in ms. */
    async start({ who, lane, size = Infinity, piece = PIECE, gap = 1, source = 1e12 }) {
      const began = clock.monotonic();
      for (let got = 0; got < size;) {
        await clock.sleep(gap);
        const there = Math.max(1, Math.floor((source * (clock.monotonic() - began)) / SECOND) - got);
        const bytes = Math.min(piece, size - got, there);
        await budget.pay(bytes, lane, signal);
        paid.push({ at: clock.monotonic(), who, bytes });
        got += bytes;
      }
      return clock.monotonic();
    },
    of: (who) => paid.reduce((sum, it) => sum + (it.who === who ? it.bytes : 0), 0),
  };
}

const large = () => 'large' as const;
const small = () => 'small' as const;
const urgent = () => 'urgent' as const;

t.test('the one that pays waits as long as the window’s rate asks for, and the next one after it', async (t) => {
  const clock = virtualClock();
  const { signal } = new AbortController();
  const budget = createWanBudget({ windows: [{ from: '00:00', to: '00:00', rate: RATE }] }, clock);
  const at: number[] = [];
  for (const bytes of [25_000, 50_000, 25_000]) {
    void budget.pay(bytes, large, signal).then(() => at.push(clock.monotonic()));
  }
  await clock.run(SECOND);
  t.strictSame(at, [100, 300, 400]);
});

t.test(
  'an agent that waits has the line for itself, from the next piece on, until it has what it waits for',
  async (t) => {
    const { clock, paid, start } = line();
    for (let i = 0; i < 6; i += 1) void start({ who: 'update', lane: large });
    await clock.run(3 * SECOND);
    const done = start({ who: 'agent', lane: urgent, size: 10 * RATE });
    await clock.run(16 * SECOND);
    const through = await done;
    const onePiece = (PIECE / RATE) * SECOND;
    t.ok(through < 13 * SECOND + 2 * onePiece, `${through} ms`);
    const between = paid.filter(({ who, at }) => who === 'update' && at > 3 * SECOND + onePiece && at < through);
    t.strictSame(between, []);
    t.ok(
      paid.some(({ who, at }) => who === 'update' && at > through),
      'then the update goes on',
    );
  },
);

t.test('what nobody waits for gets a piece in 20 s all the same, so that no source hangs up on it', async (t) => {
  const { clock, paid, start, of } = line();
  const updates = ['1', '2', '3', '4', '5', '6'];
  for (const who of updates) void start({ who, lane: large });
  const done = start({ who: 'agent', lane: urgent, size: 65_000_000 });
  await clock.run(400 * SECOND);
  const through = await done;
  for (const who of updates) {
    const times = [0, ...paid.filter((it) => it.who === who && it.at < through).map(({ at }) => at)];
    const longest = Math.max(...times.map((at, i) => at - (times[i - 1] ?? 0)));
    t.ok(longest < 30 * SECOND, `${Math.round(longest)} ms`);
  }
  t.ok(through < 65_000 * (SECOND / RATE) * 1000 * 1.1, `${Math.round(through)} ms for 260 s of the line`);
  t.ok(of('agent') === 65_000_000);
});

t.test('incrementals of a release come beside a full pattern an agent waits for', async (t) => {
  const { clock, start } = line();
  void start({ who: 'agent', lane: urgent });
  const workers = Array.from({ length: 6 }, async () => {
    for (let i = 0; i < 5; i += 1) await start({ who: 'update', lane: small, size: 25_000 });
    return clock.monotonic();
  });
  void start({ who: 'large', lane: large });
  await clock.run(60 * SECOND);
  const through = Math.max(...(await Promise.all(workers)));
  t.ok(through < 35 * SECOND, `30 of them in ${Math.round(through)} ms`);
});

t.test('a download that somebody begins to wait for is before the others from its next piece on', async (t) => {
  const { clock, start, of } = line();
  let waits = false;
  for (let i = 0; i < 5; i += 1) void start({ who: 'update', lane: large });
  void start({ who: 'joined', lane: () => (waits ? 'urgent' : 'large') });
  await clock.run(10 * SECOND);
  const [before, others] = [of('joined'), of('update')];
  waits = true;
  await clock.run(20 * SECOND);
  t.ok(of('joined') - before > 9 * RATE, `${of('joined') - before} bytes in 10 s`);
  t.ok(of('update') - others <= 2 * PIECE);
  waits = false;
  await clock.run(30 * SECOND);
  t.ok(of('update') - others > 7 * RATE, 'and no longer than that');
});

t.test('what an agent’s slow source leaves of the line is for the others', async (t) => {
  const { clock, start, of } = line();
  void start({ who: 'agent', lane: urgent, source: 100_000, gap: 14 });
  for (let i = 0; i < 3; i += 1) void start({ who: 'update', lane: large });
  await clock.run(30 * SECOND);
  const all = of('agent') + of('update');
  t.ok(all > 0.95 * 30 * RATE && all <= 30 * RATE + PIECE, `${all} bytes`);
  t.ok(of('agent') > 0.95 * 30 * 100_000, `${of('agent')} of them for the agent`);
});

t.test('whoever pays in whichever lane: the line is used, and never more of it than the budget', async () => {
  const lane = fc.constantFrom<Lane>('urgent', 'small', 'large');
  // Together with the gap more than the line carries.
  const piece = fc.integer({ min: 8_000, max: PIECE });
  const download = fc.record({ lane, piece, gap: fc.integer({ min: 0, max: 20 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(download, { minLength: 1, maxLength: 8 }), async (downloads) => {
      const { clock, start, of } = line();
      for (const { lane: own, ...rest } of downloads) void start({ who: 'all', lane: () => own, ...rest });
      await clock.run(20 * SECOND);
      // The piece under way counts when it is paid.
      return of('all') <= 20 * RATE + 1 && of('all') >= 0.93 * 20 * RATE;
    }),
    { numRuns: 25 },
  );
});

t.test('an abort ends the wait, in the queue and at the till, and is no trouble for the others', async (t) => {
  const clock = virtualClock();
  const stop = new AbortController();
  const { signal } = new AbortController();
  const budget = createWanBudget({ rate: RATE, windows: [] }, clock);
  const stopped = [1, 2].map(() =>
    t.rejects(budget.pay(RATE, large, stop.signal), { message: 'the relay is stopping' }),
  );
  let paid = false;
  void budget.pay(25_000, large, signal).then(() => (paid = true));
  await clock.run(100);
  stop.abort(new Error('the relay is stopping'));
  await Promise.all(stopped);
  await t.rejects(budget.pay(1, large, stop.signal), { message: 'the relay is stopping' });
  await clock.run(1_200);
  t.ok(paid, 'after the piece that was being paid for');
});

t.test('without a limit nobody waits, nor any more when a window ends', async (t) => {
  const clock = virtualClock();
  const { signal } = new AbortController();
  await createWanBudget({ windows: [] }, clock).pay(1e12, large, signal);
  const [hour, minute] = [new Date(clock.now()).getHours(), new Date(clock.now()).getMinutes()];
  const time = (minutes: number) => `${String(hour).padStart(2, '0')}:${String(minute + minutes).padStart(2, '0')}`;
  const budget = createWanBudget({ windows: [{ from: time(0), to: time(1), rate: RATE }] }, clock);
  let paid = 0;
  for (let i = 0; i < 4; i += 1) void budget.pay(59 * RATE, large, signal).then(() => (paid += 1));
  await clock.run(58 * SECOND);
  t.equal(paid, 0);
  await clock.run(119 * SECOND);
  t.equal(paid, 4, 'two at the rate, and then all');
});
