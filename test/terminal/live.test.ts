import t from 'tap';
import { createLive } from '../../src/terminal/live.ts';
import { fakeIo, screenAfter } from '../support/fake-io.ts';
import { handClock } from '../support/hand-clock.ts';

t.test('on a terminal', async (t) => {
  t.test('the lines are redrawn where they stand, also when they become fewer', async (t) => {
    const io = fakeIo({ isTerminal: true });
    const clock = handClock();
    const live = createLive(io, clock);
    live.update(['relay  generation 1', 'agent 1  241', 'agent 2  239']);
    t.strictSame(screenAfter(io.written.stdout).lines, ['relay  generation 1', 'agent 1  241', 'agent 2  239']);
    clock.advance(100);
    live.update(['relay  gen 2', 'agent 1  243']);
    t.strictSame(screenAfter(io.written.stdout).lines, ['relay  gen 2', 'agent 1  243']);
  });

  t.test('it draws ten times a second at most, and only what changed', async (t) => {
    const io = fakeIo({ isTerminal: true });
    const clock = handClock();
    const live = createLive(io, clock);
    live.update(['1']);
    const once = io.written.stdout;
    clock.advance(99);
    live.update(['2']);
    t.equal(io.written.stdout, once, 'too early');
    clock.advance(1);
    live.update(['1']);
    t.equal(io.written.stdout, once, 'nothing changed');
    live.update(['3']);
    t.strictSame(screenAfter(io.written.stdout).lines, ['3']);
  });

  t.test('the cursor hides while it lives and comes back when it stops, under the last lines', async (t) => {
    const io = fakeIo({ isTerminal: true });
    const clock = handClock();
    {
      using live = createLive(io, clock);
      live.update(['first']);
      t.equal(screenAfter(io.written.stdout).cursor, false);
      live.update(['last']);
    }
    t.strictSame(screenAfter(io.written.stdout), { lines: ['last'], cursor: true });
    t.ok(io.written.stdout.indexOf('\u001b[?25h') > 0);
  });

  t.test('no line is wider or higher than the window, so that it can be drawn over', async (t) => {
    const io = fakeIo({ isTerminal: true, columns: () => 10, rows: () => 3, unicode: false });
    createLive(io, handClock()).update(['0123456789', 'short', 'beyond']);
    t.strictSame(screenAfter(io.written.stdout).lines, ['01234567~', 'short']);
  });
});

t.test('in a pipe', async (t) => {
  t.test('only lines that changed are written, once a second at most, without control characters', async (t) => {
    const io = fakeIo();
    const clock = handClock();
    const live = createLive(io, clock);
    live.update(['relay 1', 'agent 1', 'agent 2']);
    clock.advance(999);
    live.update(['relay 2', 'agent 1', 'agent 2']);
    t.equal(io.written.stdout, 'relay 1\nagent 1\nagent 2\n');
    clock.advance(1);
    live.update(['relay 3', 'agent 1', 'agent 9']);
    live.stop();
    t.equal(io.written.stdout, 'relay 1\nagent 1\nagent 2\nrelay 3\nagent 9\n');
  });

  t.test('the last state is written when it stops, and once', async (t) => {
    const io = fakeIo();
    const live = createLive(io, handClock());
    live.update(['a']);
    live.update(['b']);
    live.stop();
    live.stop();
    t.equal(io.written.stdout, 'a\nb\n');
  });

  t.test('a line that goes away writes nothing', async (t) => {
    const io = fakeIo();
    const live = createLive(io, handClock());
    live.update(['a', 'b']);
    live.update(['a']);
    live.stop();
    t.equal(io.written.stdout, 'a\nb\n');
  });
});
