import { readdir } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { fakeIo, screenAfter } from '../support/fake-io.ts';
import { temporaryFolder } from '../support/relay-for.ts';
import { runCommand } from '../support/run-command.ts';

/** Temporary folders of this process are made in one of the test's own from now on. */
async function ownTemporaries(t: Test): Promise<string> {
  const folder = await temporaryFolder(t);
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = folder;
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  });
  return folder;
}

t.test('--once: three agents take one release, byte for byte, and nothing is left', async (t) => {
  const temporaries = await ownTemporaries(t);
  const { code, stdout, stderr } = await runCommand(['demo', '--once']);
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, /^ {2}OfficeScan server +http:\/\/127\.0\.0\.1:\d+\/officescan /);
  t.match(stdout, /^AGENT +ADDRESS +STATE +FULL +INCREMENTAL +RECEIVED +BYTE FOR BYTE$/m);
  t.match(stdout, /^agent-1 +127\.0\.0\.11 +updated +57 +0 .* as released$/m, 'a new one takes everything whole');
  t.match(
    stdout,
    /^agent-2 +127\.0\.0\.12 +updated +\d+ +[1-9]\d* .* as released$/m,
    'one a release behind, incrementals',
  );
  t.match(stdout, /^agent-3 +127\.0\.0\.13 +updated .* as released$/m);
  t.match(
    stdout,
    /\nRelease 6 is generation 1: \d+ objects mirrored\.\nFrom the server .* MiB, served to 3 agents .* MiB\.\n$/,
  );
  t.strictSame(await readdir(temporaries), []);
});

t.test('in a pipe it tells what happens until the signal, then ends well and deletes its folder', async (t) => {
  const temporaries = await ownTemporaries(t);
  const stop = new AbortController();
  const io = fakeIo();
  const ended = runCommand(['demo'], { io, signal: stop.signal });
  await eventually('the first agent is up to date', () =>
    / full, \d+ incremental, byte for byte/.test(io.written.stdout),
  );
  t.equal((await readdir(temporaries)).length, 1);
  stop.abort('SIGINT');
  const { code, stdout, stderr } = await ended;
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, /^generation 1: \d\.\d MiB fetched$/m);
  // oxlint-disable-next-line no-control-regex
  t.notMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  t.strictSame(await readdir(temporaries), []);
});

t.test('on a terminal it is a picture that stays when the signal comes', async (t) => {
  await ownTemporaries(t);
  const stop = new AbortController();
  const io = fakeIo({ isTerminal: true, columns: () => 160, rows: () => 50 });
  const ended = runCommand(['demo'], { io, signal: stop.signal });
  await eventually('the relay has a generation', () => io.written.stdout.includes('generation           1: '));
  stop.abort('SIGINT');
  t.equal((await ended).code, 0);
  const { lines, cursor } = screenAfter(io.written.stdout);
  t.equal(cursor, true);
  t.match(lines[0], /^Update Agent relay \S+: a branch office on one machine$/);
  t.equal(lines.filter((line) => line.startsWith('    agent-')).length, 3);
  t.match(lines.join('\n'), /\n {2}agents up to date {4}▕.*▏ \d+ of 12\n/);
  t.match(lines.at(-1), 'Ctrl-C ends it and deletes what it made.');
});
