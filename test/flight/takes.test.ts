import t from 'tap';
import type { Ahead } from '../../src/flight/ahead.ts';
import { memoryWriter } from '../../src/flight/memory-writer.ts';
import { createTakes, type TakesOptions } from '../../src/flight/takes.ts';
import { silentEvents } from '../../src/ports/events.ts';
import { handClock } from '../support/hand-clock.ts';

const SIZE = 1_000_000;
const source = { type: 'officeScanServer', url: 'http://source/download' } as const;

/** A request ahead that does what the test says. */
type Scripted = { -readonly [key in keyof Ahead]: Ahead[key] } & { readonly onGrew: () => void };

/** The takes of an object whose first bytes come slowly, and the requests ahead of it. */
async function slowObject() {
  const clock = handClock();
  const memory = Buffer.alloc(SIZE);
  const aheads: Scripted[] = [];
  const runAhead: TakesOptions['runAhead'] = (start, _bound, _memory, onGrew) => {
    const ahead = { start, end: start, running: true, moved: async () => {}, stop() {}, onGrew };
    aheads.push(ahead);
    return ahead;
  };
  const takes = createTakes({
    item: { path: 'pattern/a.bin', size: SIZE, kind: 'pattern', component: 'P.4', version: '1', listing: 'a' },
    events: silentEvents,
    onWorthless: () => {},
    runAhead,
    monotonic: clock.monotonic,
  });
  await takes.begin(memoryWriter(memory), memory);
  const { sink, onValidators, met } = takes.sinkFor(source);
  await onValidators?.({ etag: '"strong"', lastModified: null });
  clock.advance(1000);
  await sink.write(Buffer.alloc(1000, 'a'));
  /** Somebody waits there. */
  const wait = (position: number): void =>
    void takes
      .last()
      .arrival(position)
      .catch(() => {});
  return { takes, sink, met, aheads, wait };
}

t.test('bug: a request ahead that had been stopped made bytes of the take before available in the next', async (t) => {
  const { takes, aheads, wait } = await slowObject();
  wait(500_000);
  const [ahead] = aheads;
  if (!ahead) throw new Error('nothing ran ahead');
  ahead.end = 800_000;
  ahead.onGrew();
  const before = takes.last();
  t.equal(before.available(500_000), 300_000);

  await takes.discard('the source has another content');
  ahead.running = false;
  ahead.onGrew();
  t.equal(before.available(500_000), 0, 'nobody goes on with what was thrown away');
  t.not(takes.last(), before);
  t.equal(takes.last().available(500_000), 0, 'nor has the next take anything of it');
});

t.test('bug: a source that ignores ranges was cut where a request ahead had come to nothing', async (t) => {
  const { takes, sink, met, aheads, wait } = await slowObject();
  wait(500_000);
  const [ahead] = aheads;
  if (!ahead) throw new Error('nothing ran ahead');
  ahead.running = false;
  ahead.onGrew();
  await sink.write(Buffer.alloc(599_000, 'a'));
  t.equal(met.aborted, false, 'the first request goes on');
  t.equal(takes.last().available(500_000), 100_000);
  wait(900_000);
  await sink.write(Buffer.alloc(1000, 'a'));
  t.equal(aheads.length, 1, 'and no other is tried there');
});
