import { Writable } from 'node:stream';
import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { createLog, type LogOptions } from '../../src/telemetry/log.ts';

/** A log and what it has written so far. */
function log(options: Partial<LogOptions> = {}) {
  const written: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      written.push(text);
      done();
    },
  });
  const { listener, setLevel } = createLog({ level: 'info', stream, isTerminal: false, colour: false, ...options });
  return { listener, setLevel, text: () => written.join('') };
}

/** What a source or an agent could put into a field: a new line of the log, a cleared screen, a bell, a right-to-left turn. */
const HOSTILE = 'a\n{"event":"relay.stopped"}\r\u001b[2J\u0007\u009b1mb\u2028c';

t.test('in a pipe: one JSON object a line, with the event, its fields and the sentence', async (t) => {
  const { listener, text } = log();
  listener('store.collected', { bytes: 42 });
  listener('update.failed', { generation: null, error: 'RLY_X: no' });
  const [first = '', second = '', rest] = text().split('\n');
  t.equal(rest, '', 'every line is ended');
  const { time, ...line } = JSON.parse(first) as Record<string, unknown>;
  t.strictSame(line, {
    level: 'info',
    event: 'store.collected',
    bytes: 42,
    msg: 'freed 42 bytes that no generation holds',
  });
  t.equal(new Date(String(time)).toISOString(), time);
  t.match(JSON.parse(second), {
    level: 'error',
    event: 'update.failed',
    generation: null,
    error: 'RLY_X: no',
    msg: 'update failed, generation null stays: RLY_X: no',
  });
});

t.test('levels: nothing below the configured one is written', async (t) => {
  const written: Record<string, string[]> = {};
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    const { listener, text } = log({ level });
    listener('object.fetched', { path: 'p', bytes: 1, source: 's', proof: 'size' });
    listener('relay.stopped', {});
    listener('store.unknown-file', { name: 'n' });
    listener('error.internal', { error: 'e' });
    const lines = text().split('\n').filter(Boolean);
    written[level] = lines.map((line) => (JSON.parse(line) as { level: string }).level);
  }
  t.strictSame(written, {
    debug: ['debug', 'info', 'warn', 'error'],
    info: ['info', 'warn', 'error'],
    warn: ['warn', 'error'],
    error: ['error'],
  });
});

t.test('on a terminal: the time, the level and the sentence, with colour where it is wanted', async (t) => {
  const plain = log({ isTerminal: true });
  plain.listener('store.unknown-file', { name: 'notes.txt' });
  t.match(plain.text(), /^\[\d\d:\d\d:\d\d\] WARN: notes\.txt in the store is not the relay’s; left alone\n$/);
  const colour = log({ isTerminal: true, colour: true });
  colour.listener('store.unknown-file', { name: 'notes.txt' });
  t.match(colour.text(), '\u001b[33mWARN');
});

t.test('what comes from the network reaches no terminal raw, and forges no line; bug: U+009B did', async (t) => {
  for (const isTerminal of [true, false]) {
    const { listener, text } = log({ isTerminal });
    listener('update.failed', { generation: 1, error: HOSTILE });
    t.equal(text().split('\n').length, 2, 'one line');
    // oxlint-disable-next-line no-control-regex
    t.notMatch(text().slice(0, -1), /[\u0000-\u001f\u007f-\u009f]/);
    t.match(text(), 'a·{');
  }
  const { listener, text } = log();
  listener('update.failed', { generation: 1, error: HOSTILE });
  t.equal((JSON.parse(text()) as { error: string }).error, HOSTILE, 'a program that reads JSON gets it as it came');
});

t.test('any text at all stays one line of the JSON log, and comes back as it was', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const { listener, text } = log();
      listener('store.unknown-file', { name });
      const [line = '', end, ...more] = text().split('\n');
      return end === '' && more.length === 0 && (JSON.parse(line) as { name: string }).name === name;
    }),
  );
});

t.test('another level is in force from the next event on', async (t) => {
  const { listener, setLevel, text } = log({ level: 'error' });
  listener('store.collected', { bytes: 1 });
  setLevel('info');
  listener('store.collected', { bytes: 2 });
  t.match(text(), /^[^\n]*"bytes":2[^\n]*\n$/);
});
