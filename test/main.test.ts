import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { loadConfig } from '../src/config/load.ts';
import { openStore } from '../storage/open-store.ts';
import { relayEnv } from './support/relay-for.ts';
import { relayCommand } from './support/relay-process.ts';
import { publishLargeObject, stallDownload } from './support/stalled-download.ts';

interface Serving {
  readonly child: ChildProcess;
  readonly agentsUrl: string;
  /** Resolves when its log comes to this event. */
  logged(event: string): Promise<unknown>;
  readonly ended: Promise<{ code: number | null; stderr: string }>;
}

/** `relay serve` as a process, with a store that has one large object; `preload` is JavaScript that runs in it first. */
async function serving(t: Test, preload = ''): Promise<Serving> {
  const env = await relayEnv(t, 'http://127.0.0.1:1/officescan');
  const { config } = await loadConfig({ env, cwd: import.meta.dirname });
  const store = await openStore(config.storage);
  await publishLargeObject(store);
  await store.close();

  const [node = '', ...args] = relayCommand('serve');
  const child = spawn(node, ['--import', `data:text/javascript,${encodeURIComponent(preload)}`, ...args], {
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'], RELAY_ALLOW_ROOT: '1', ...env },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = Promise.all([text(child.stderr), once(child, 'close')]).then(([stderr, [code]]) => ({ code, stderr }));
  const log = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function logged(event: string): Promise<Record<string, unknown>> {
    for (;;) {
      const { value, done } = await log.next();
      if (done) throw new Error(`it ended without ${event}: ${(await ended).stderr}`);
      const line = JSON.parse(value) as Record<string, unknown>;
      if (line['event'] === event) return line;
    }
  }
  const { agents } = await logged('relay.started');
  return { child, ended, logged, agentsUrl: String(agents) };
}

t.test('each signal that asks for the end ends it orderly, with exit code 0', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { child, logged, ended } = await serving(t);
    child.kill(signal);
    await logged('relay.stopped');
    t.strictSame(await ended, { code: 0, stderr: '' });
  }
});

t.test('SIGHUP does not end a relay: it reads its configuration again', async (t) => {
  const { child, logged, ended } = await serving(t);
  child.kill('SIGHUP');
  await logged('config.reloaded');
  child.kill('SIGHUP');
  await logged('config.reloaded');
  child.kill('SIGTERM');
  await logged('relay.stopped');
  t.strictSame(await ended, { code: 0, stderr: '' });
});

t.test('SIGHUP ends every other command: its terminal is gone', async (t) => {
  const silent = createServer().listen(0, '127.0.0.1');
  t.teardown(() => silent.close());
  await once(silent, 'listening');
  const [node = '', ...args] = relayCommand('status');
  const child = spawn(node, args, {
    cwd: import.meta.dirname,
    env: {
      PATH: process.env['PATH'],
      RELAY_SOURCES__OFFICE_SCAN_SERVER: 'http://127.0.0.1:1/officescan',
      RELAY_ADMIN__PORT: String((silent.address() as AddressInfo).port),
    },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = Promise.all([text(child.stderr), once(child, 'close')]);
  const [socket] = await once(silent, 'connection');
  child.kill('SIGHUP');
  const [stderr, [code]] = await ended;
  socket.destroy();
  t.equal(code, 1);
  t.match(stderr, 'RLY_INTERRUPTED: SIGHUP ended the command');
});

t.test('a second signal ends it at once, whatever the first still waits for', async (t) => {
  const { child, agentsUrl, logged, ended } = await serving(t);
  await stallDownload(t, agentsUrl);
  child.kill('SIGINT');
  await logged('relay.stopping');
  child.kill('SIGINT');
  t.strictSame(await ended, { code: 1, stderr: 'second SIGINT, exiting\n' });
});

t.test('bug: after a crash the exit code was 0, and no supervisor started it again', async (t) => {
  const { child, logged, ended } = await serving(t, `process.stdin.once('data', () => { throw new Error('a bug'); })`);
  child.stdin?.write('\n');
  await logged('relay.stopped');
  const { code, stderr } = await ended;
  t.equal(code, 1);
  t.match(stderr, /^relay: RLY_INTERNAL: Error: a bug\n +at /);
});

t.test('bug: a reader that had seen enough made it crash with EPIPE', async (t) => {
  const { child, agentsUrl, ended } = await serving(t);
  child.stdout?.destroy();
  // It may have had something to say before this.
  await fetch(agentsUrl).catch(() => {});
  t.strictSame(await ended, { code: 0, stderr: '' }, 'the line about this request found nobody');
});
