import t from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { EVENTS, type EventName } from '../../src/ports/events.ts';
import { eventually } from '../support/eventually.ts';
import { fakeIo } from '../support/fake-io.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv } from '../support/relay-for.ts';
import { runCommand } from '../support/run-command.ts';

const release = createCatalogue({ shape: 'small' }).release(1);

interface LogLine {
  readonly event: EventName;
  readonly level: string;
  readonly time: string;
  readonly msg: string;
}

t.test('it serves until the signal: one JSON object a line, each an event of the list, then exit code 0', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const env = { ...(await relayEnv(t, lab.url)), RELAY_LOG__LEVEL: 'debug', RELAY_ALLOW_ROOT: '1' };
  const io = fakeIo();
  const stop = new AbortController();
  const ended = runCommand(['serve'], { io, env, signal: stop.signal });
  const log = (): LogLine[] =>
    io.written.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LogLine);
  await eventually('the first generation', () => log().some(({ event }) => event === 'update.published'));
  stop.abort('SIGTERM');
  const { code, stderr } = await ended;
  t.equal(code, 0);
  t.equal(stderr, '');

  const lines = log();
  for (const { event, level, time, msg } of lines) {
    t.ok(Object.hasOwn(EVENTS, event), event);
    t.equal(level, EVENTS[event].level);
    t.equal(new Date(time).toISOString(), time);
    t.notMatch(msg, /[{}]/, 'every field was there');
  }
  const names = lines.map(({ event }) => event);
  t.strictSame(names.slice(0, 3), ['store.recovered', 'relay.started', 'update.started']);
  t.strictSame(names.slice(-2), ['relay.stopping', 'relay.stopped']);
  t.match(
    lines.find(({ event }) => event === 'relay.stopping'),
    { reason: 'SIGTERM', msg: 'stopping: SIGTERM' },
  );
});

t.test('on a terminal the log is for people', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const io = fakeIo({ isTerminal: true });
  const stop = new AbortController();
  const env = await relayEnv(t, lab.url);
  const ended = runCommand(['serve', '--allow-root'], { io, env, signal: stop.signal });
  await eventually('the first generation', () => io.written.stdout.includes('generation 1 published'));
  stop.abort('SIGINT');
  t.equal((await ended).code, 0);
  t.match(
    io.written.stdout,
    /^\[\d\d:\d\d:\d\d\] INFO: store ready: 0 generations, 0 blobs, 0 unfinished downloads kept, 0 temporaries swept$/m,
  );
});

t.test('a token file that cannot be used ends it before it listens', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const folder = t.testdir({ short: 'x'.repeat(31) });
  for (const [file, reason] of [
    [`${folder}/short`, 'its token has 31 characters, at least 32 are needed'],
    [`${folder}/absent`, 'ENOENT'],
  ] as const) {
    const env = { ...(await relayEnv(t, lab.url)), RELAY_ADMIN__TOKEN_FILE: file };
    const { code, stdout, stderr } = await runCommand(['serve', '--allow-root'], { env });
    t.equal(code, 78);
    t.equal(stdout, '');
    t.match(stderr, `relay: RLY_ADMIN_TOKEN_UNUSABLE: admin.tokenFile ${file} cannot be used: ${reason}`);
    t.match(stderr, 'openssl rand -hex 32');
  }
});

t.test('as root it wants to be told that root is meant', async (t) => {
  const { getuid } = process;
  t.teardown(() => Object.assign(process, { getuid }));
  process.getuid = () => 0;
  const { code, stdout, stderr } = await runCommand(['serve']);
  t.equal(code, 78);
  t.equal(stdout, '');
  t.match(stderr, 'relay: RLY_ROOT_REFUSED: ');
  t.match(stderr, '--allow-root (RELAY_ALLOW_ROOT=1)');

  process.getuid = () => 10_001;
  t.match(
    (await runCommand(['serve'], { cwd: t.testdir() })).stderr,
    'RLY_CONFIG_MISSING',
    'anybody else gets further',
  );
});
