import t from 'tap';
import { createProgress } from '../../src/terminal/progress.ts';
import type { ProgressState } from '../../src/terminal/progress-state.ts';
import { fakeIo, screenAfter } from '../support/fake-io.ts';
import { handClock } from '../support/hand-clock.ts';

const MiB = 1024 ** 2;
const state: ProgressState = {
  label: 'Updating from osce.example.com',
  done: 0,
  total: 90,
  bytes: 0,
  totalBytes: 160 * MiB,
  items: [],
};

t.test('on a terminal', async (t) => {
  t.test('an overall bar with rate and time left, and a bar for what is under way', async (t) => {
    const io = fakeIo({ isTerminal: true });
    const clock = handClock();
    const progress = createProgress(io, clock);
    progress.update(state);
    clock.advance(2000);
    const items = [{ name: 'pattern/vsapi241.zip', done: 15 * MiB, total: 60 * MiB }];
    progress.update({ ...state, done: 41, bytes: 80 * MiB, items });
    t.strictSame(screenAfter(io.written.stderr).lines, [
      'Updating from osce.example.com  41 of 90',
      '▕███████████           ▏  50 %  80.0 MiB of 160.0 MiB  40.0 MiB/s  2.0 s left',
      '  ▕█████               ▏  25 %  pattern/vsapi241.zip  60.0 MiB',
    ]);
    t.equal(io.written.stdout, '', 'stdout is for what the command answers');
  });

  t.test('four items at most are shown, and every line fits the window', async (t) => {
    const io = fakeIo({ isTerminal: true, columns: () => 40, unicode: false });
    const progress = createProgress(io, handClock());
    const name = 'pattern/icrc/ioth_1723900.1724100';
    progress.update({ ...state, items: Array.from({ length: 9 }, () => ({ name, done: 0, total: 0 })) });
    const { lines } = screenAfter(io.written.stderr);
    t.equal(lines.length, 6);
    t.ok(lines.every((line) => line.length < 40));
    t.match(lines[2], /^ {2}\[\.{8}\] {3}0 % {2}pattern/);
  });

  t.test('it draws ten times a second at most', async (t) => {
    const io = fakeIo({ isTerminal: true });
    const clock = handClock();
    const progress = createProgress(io, clock);
    progress.update(state);
    const once = io.written.stderr;
    clock.advance(99);
    progress.update({ ...state, done: 1 });
    t.equal(io.written.stderr, once);
    clock.advance(1);
    progress.update({ ...state, done: 2 });
    t.match(screenAfter(io.written.stderr).lines[0], '2 of 90');
  });

  t.test('the summary takes the place of the bars, and the cursor comes back', async (t) => {
    const io = fakeIo({ isTerminal: true });
    const progress = createProgress(io, handClock());
    progress.update(state);
    t.equal(screenAfter(io.written.stderr).cursor, false);
    progress.finish('generation 7 published');
    t.strictSame(screenAfter(io.written.stderr), { lines: ['generation 7 published'], cursor: true });
  });

  t.test('a failure on the way leaves a clean terminal', async (t) => {
    const io = fakeIo({ isTerminal: true });
    t.throws(() => {
      using progress = createProgress(io, handClock());
      progress.update(state);
      throw new Error('upstream');
    });
    t.strictSame(screenAfter(io.written.stderr), { lines: [], cursor: true });
  });
});

t.test('in a pipe', async (t) => {
  t.test('a line is written when both a tenth and five seconds have passed', async (t) => {
    const io = fakeIo();
    const clock = handClock();
    const progress = createProgress(io, clock);
    progress.update(state);
    clock.advance(4999);
    progress.update({ ...state, done: 45, bytes: 80 * MiB });
    clock.advance(1);
    progress.update({ ...state, done: 45, bytes: 80 * MiB });
    clock.advance(60_000);
    progress.update({ ...state, done: 46, bytes: 95 * MiB });
    progress.update({ ...state, done: 47, bytes: 96 * MiB });
    progress.finish('done');
    t.strictSame(io.written.stderr.trimEnd().split('\n'), [
      'Updating from osce.example.com: 0 %, 0 of 90, 0 B of 160.0 MiB',
      'Updating from osce.example.com: 50 %, 45 of 90, 80.0 MiB of 160.0 MiB, 16.0 MiB/s, 5.0 s left',
      'Updating from osce.example.com: 60 %, 47 of 90, 96.0 MiB of 160.0 MiB, 273.1 KiB/s, 4 min left',
      'done',
    ]);
    t.equal(io.written.stdout, '');
  });

  t.test('a new label is told at once', async (t) => {
    const io = fakeIo();
    const progress = createProgress(io, handClock());
    progress.update(state);
    progress.update({ ...state, label: 'Updating from ua1' });
    t.match(io.written.stderr, /\nUpdating from ua1: 0 %/);
  });

  t.test('where no bytes are known the things are counted; what has no extent yet is only named', async (t) => {
    const io = fakeIo();
    const progress = createProgress(io, handClock());
    progress.update({ ...state, label: 'a', done: 30, totalBytes: 0 });
    progress.update({ ...state, label: 'b', total: 0, totalBytes: 0 });
    t.equal(io.written.stderr, 'a: 33 %, 30 of 90\nb\n');
  });

  t.test('no control character is ever written, whatever the names', async (t) => {
    const io = fakeIo();
    const progress = createProgress(io, handClock());
    progress.update({ ...state, label: 'Updating\u001b[2J\r' });
    progress.finish('done');
    // oxlint-disable-next-line no-control-regex
    t.notMatch(io.written.stderr, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  });
});
