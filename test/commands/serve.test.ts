import { EventEmitter } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  t.strictSame(names.slice(0, 4), ['store.recovered', 'relay.started', 'admin.changed', 'update.started']);
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

t.test('at a hang-up it reads its configuration again; one that is wrong changes nothing', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const env = { ...(await relayEnv(t, lab.url)), RELAY_ALLOW_ROOT: '1' };
  const cwd = t.testdir();
  const configure = (text: string) => writeFileSync(join(cwd, 'relay.yaml'), text);
  configure('log: { level: error }\n');
  const io = fakeIo();
  const [stop, hangups] = [new AbortController(), new EventEmitter()];
  const ended = runCommand(['serve'], { io, env, cwd, hangups, signal: stop.signal });
  const logged = (part: string) => eventually(part, () => io.written.stdout.includes(part));

  await eventually('it listens for hang-ups', () => hangups.listenerCount('hangup') > 0);
  configure('log: { level: debug }\nagents: { port: 9, memory: 20MiB }\n');
  hangups.emit('hangup');
  hangups.emit('hangup');
  await logged('"configuration read again; changed: nothing"');
  t.notMatch(io.written.stdout, '"changed":"log.level"', 'it is logged at the level that was in force');
  t.match(io.written.stdout, '"keys":"agents.memory"', 'what the environment says is not changed by the file');

  configure('log: { level: loud }\n');
  hangups.emit('hangup');
  await logged('"event":"config.refused"');
  t.match(io.written.stdout, /relay\.yaml:1: log\.level: found 'loud'/);

  configure('log: { level: error }\n');
  hangups.emit('hangup');
  await logged('"changed":"log.level"');
  stop.abort('SIGTERM');
  t.equal((await ended).code, 0);
  t.notMatch(io.written.stdout, 'relay.stopped', 'the level is in force');
});

t.test('on a terminal a hang-up is for somebody else', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const [stop, hangups] = [new AbortController(), new EventEmitter()];
  const io = fakeIo({ isTerminal: true });
  const env = await relayEnv(t, lab.url);
  const ended = runCommand(['serve', '--allow-root'], { io, env, hangups, signal: stop.signal });
  await eventually('the start', () => io.written.stdout.includes('serving agents'));
  t.equal(hangups.listenerCount('hangup'), 0);
  stop.abort('SIGHUP');
  t.equal((await ended).code, 0);
});

t.test('a token file that cannot be used ends it before it listens', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const folder = t.testdir({ short: 'x'.repeat(31), open: 'x'.repeat(32) });
  chmodSync(`${folder}/short`, 0o600);
  chmodSync(`${folder}/open`, 0o644);
  for (const [file, reason] of [
    [`${folder}/short`, 'its token has 31 characters, at least 32 are needed'],
    [`${folder}/absent`, 'ENOENT'],
    [`${folder}/open`, `everybody on this host may read it (mode 0644); chmod 0640 ${folder}/open`],
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
